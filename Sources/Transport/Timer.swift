public import Basics

/// Called when its timer is due.
public protocol TimerOwner: AnyObject {
    func timerFired(_ timer: Timer)
}

/// One deadline, moved as often as its owner likes: postponing costs one store, because the loop
/// checks it again at the earlier time. Fires once per arming. The owner keeps the timer, and
/// nothing else may keep it beyond the owner's life; it ends with its last reference.
public final class Timer {
    /// Strong, because the timer is in this loop's heap until its last reference is gone.
    private let loop: EventLoop
    /// The owner keeps the timer, so it lives as long as the timer. Not weak: that would make every
    /// retain of the owner, on every message, slow.
    private unowned let owner: any TimerOwner
    /// When it is due; `.distantFuture` if it is not armed.
    public private(set) var deadline = Instant.distantFuture
    /// Index in the heap; -1 if it is not there.
    fileprivate var index = -1
    /// When the loop checks it, as its entry says; `.distantFuture` if it is not in the heap.
    fileprivate var wake = Instant.distantFuture

    public init(_ loop: EventLoop, owner: any TimerOwner) {
        self.loop = loop
        self.owner = owner
    }

    deinit { if index >= 0 { loop.timers.remove(at: index) } }

    public var isArmed: Bool { deadline < .distantFuture }

    /// Replaces an earlier arming.
    @inline(__always)
    public func arm(at deadline: Instant) {
        self.deadline = deadline
        if deadline < wake { schedule() }
    }

    /// Wakes up in a millisecond at the earliest: a deadline in the past that has no effect must
    /// not make the loop spin.
    private func schedule() {
        loop.timers.schedule(self, at: max(deadline, loop.now + .milliseconds(1)))
    }

    public func disarm() { deadline = .distantFuture }

    fileprivate func fire() {
        deadline = .distantFuture
        owner.timerFired(self)
    }
}

/// A binary heap over wake-up times. Does not keep its timers alive: they remove themselves when
/// they are released.
struct TimerHeap {
    struct Entry {
        var wake: Instant
        unowned(unsafe) var timer: Timer
    }
    private(set) var entries: [Entry] = []

    /// When to check again; nil if no timer waits.
    var next: Instant? { entries.first?.wake }

    /// Inserts a timer, or moves it to an earlier time.
    mutating func schedule(_ timer: Timer, at wake: Instant) {
        if timer.index < 0 {
            // SAFETY: a timer removes its entry before it is freed, on the loop's own thread.
            entries.append(Entry(wake: wake, timer: timer))
            timer.index = entries.count - 1
        } else {
            entries[timer.index].wake = wake
        }
        timer.wake = wake
        rise(timer.index)
    }

    mutating func remove(at index: Int) {
        // SAFETY: as in `schedule`: every entry's timer is alive.
        unsafe entries[index].timer.index = -1
        unsafe entries[index].timer.wake = .distantFuture
        let last = entries.removeLast()
        guard index < entries.count else { return }
        entries[index] = last
        unsafe last.timer.index = index
        rise(index)
        sink(unsafe last.timer.index)
    }

    /// Removes and returns the first timer due at `now`; postponed ones are sorted in again.
    mutating func popDue(_ now: Instant) -> Timer? {
        while let first = entries.first, first.wake <= now {
            // SAFETY: as in `schedule`: every entry's timer is alive.
            let timer = unsafe first.timer
            if timer.deadline <= now || !timer.isArmed {
                remove(at: 0)
                if timer.isArmed { return timer }
            } else {
                entries[0].wake = timer.deadline
                timer.wake = timer.deadline
                sink(0)
            }
        }
        return nil
    }

    private mutating func rise(_ start: Int) {
        var index = start
        while index > 0, entries[index].wake < entries[(index - 1) / 2].wake {
            exchange(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func sink(_ start: Int) {
        var index = start
        while true {
            var least = index
            let (left, right) = (2 * index + 1, 2 * index + 2)
            if left < entries.count, entries[left].wake < entries[least].wake { least = left }
            if right < entries.count, entries[right].wake < entries[least].wake { least = right }
            if least == index { return }
            exchange(index, least)
            index = least
        }
    }

    private mutating func exchange(_ a: Int, _ b: Int) {
        entries.swapAt(a, b)
        // SAFETY: as in `schedule`: every entry's timer is alive.
        unsafe entries[a].timer.index = a
        unsafe entries[b].timer.index = b
    }
}

extension EventLoop {
    /// Fires due timers, each at most once: one that arms itself for now waits for the next
    /// wake-up.
    func fireTimers() {
        for _ in 0..<timers.entries.count {
            guard let timer = timers.popDue(now) else { return }
            timer.fire()
        }
    }
}
