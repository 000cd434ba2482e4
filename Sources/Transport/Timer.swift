public import Basics

/// Told when its timer is due.
public protocol TimerOwner: AnyObject {
    func timerFired(_ timer: Timer)
}

/// One deadline, moved as often as its owner likes: putting it off costs a store, since the loop
/// looks at it again at the time it had before. Fires once per arming. Its owner is to keep it,
/// and nobody else beyond the owner's life; with its last reference it ends.
public final class Timer {
    private unowned let loop: EventLoop
    /// The owner keeps the timer, so it is there as long as the timer is. Not weak: that would make
    /// every retain of the owner, on every message, take the slow way.
    private unowned let owner: any TimerOwner
    /// When it is due; `.distantFuture` where it is not armed.
    public private(set) var deadline = Instant.distantFuture
    /// Where the heap has it; -1 where it has not.
    fileprivate(set) var index = -1

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
        if index < 0 || deadline < loop.timers.entries[index].wake {
            loop.timers.schedule(self, at: deadline)
        }
    }

    public func disarm() { deadline = .distantFuture }

    fileprivate func fire() {
        deadline = .distantFuture
        owner.timerFired(self)
    }
}

/// A binary heap over wake-up times. Holds its timers without keeping them alive: they take
/// themselves out when they go.
struct TimerHeap {
    struct Entry {
        var wake: Instant
        unowned(unsafe) var timer: Timer
    }
    private(set) var entries: [Entry] = []

    /// When to look again; nil where nothing waits.
    var next: Instant? { entries.first?.wake }

    /// Puts a timer in, or moves it to an earlier time.
    mutating func schedule(_ timer: Timer, at wake: Instant) {
        if timer.index < 0 {
            // SAFETY: a timer removes its entry before it is freed, on the loop's own thread.
            entries.append(Entry(wake: wake, timer: timer))
            timer.index = entries.count - 1
        } else {
            entries[timer.index].wake = wake
        }
        rise(timer.index)
    }

    mutating func remove(at index: Int) {
        // SAFETY: as in `schedule`: every entry's timer is alive.
        unsafe entries[index].timer.index = -1
        let last = entries.removeLast()
        guard index < entries.count else { return }
        entries[index] = last
        unsafe last.timer.index = index
        rise(index)
        sink(unsafe last.timer.index)
    }

    /// The first timer due at `now`, taken out; those that were put off are sorted in again.
    mutating func popDue(_ now: Instant) -> Timer? {
        while let first = entries.first, first.wake <= now {
            // SAFETY: as in `schedule`: every entry's timer is alive.
            let timer = unsafe first.timer
            if timer.deadline <= now || !timer.isArmed {
                remove(at: 0)
                if timer.isArmed { return timer }
            } else {
                entries[0].wake = timer.deadline
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
            for child in [2 * index + 1, 2 * index + 2] where child < entries.count {
                if entries[child].wake < entries[least].wake { least = child }
            }
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
    /// Fires what is due, each timer once at most: one that arms itself for now waits for the next
    /// wake-up.
    func fireTimers() {
        for _ in 0..<timers.entries.count {
            guard let timer = timers.popDue(now) else { return }
            timer.fire()
        }
    }
}
