public import Basics
import CLinux

/// What a loop does when its process has stood still (it was stopped, the machine was paused):
/// meanwhile other processes may have made decisions that its sockets do not show.
public struct Standstill {
    /// The longest wait for an event, so that the loop notices a standstill.
    let wait: Interval
    /// When more time has passed, the process stood still.
    var limit: Interval { wait + wait }
    /// Called after a standstill with the last moment before it; may block. What it posts to the
    /// loop's mailbox is done before a socket is read.
    let end: (Instant) -> Void

    public init(every wait: Interval, end: @escaping (Instant) -> Void) {
        self.wait = wait
        self.end = end
    }
}

/// One thread's sockets, timers and mail. Created and used on one thread; other threads reach it
/// through its mailbox.
///
/// Work is done in batches: what the kernel reports in one wake-up, the timers that are due, the
/// mail. Output is staged while a batch runs and sent by its end; what dies in a batch is freed
/// after it, so that no event can reach a new owner of a reused descriptor.
@safe
public final class EventLoop {
    /// The time of this wake-up.
    public private(set) var now = Instant(nanoseconds: 0)
    public let mailbox: Mailbox
    /// The worker that owns this loop, so that mail can find it.
    public var owner: AnyObject?
    public var patience = Patience()
    /// nil: nothing need be done after a standstill.
    public var standstill: Standstill?
    /// Existing connections.
    public internal(set) var connectionCount = 0

    let epoll: Int32
    var timers = TimerHeap()
    var entropy = Entropy()
    var sessions = SessionCache()
    var lookups = Lookups()
    private var slots: [Slot] = []
    private var freeSlots: [Int] = []
    private var dyingSlots: [Int] = []
    private var dyingDescriptors: [(fd: Int32, abruptly: Bool)] = []
    /// The connection with output to send. Usually there is only one; `moreStaged` has the others.
    private var staged: Connection?
    private var moreStaged: [Connection] = []
    private var unfinished: [Connection] = []
    private var mailReader: MailReader?
    /// Connections that may be closed for newer ones, in the order in which they became
    /// dispensable; some have sent their request since.
    private var dispensable: [(tag: UInt64, since: Instant)] = []
    private var isStopped = false
    let reads: ReadBudget
    /// Connections that wait for `reads` to be renewed.
    private var waitingToRead: [Connection] = []
    /// Timers do not fire before this moment: see `fireTimersUnlessLate`.
    private var rest: Instant?
    /// While there is more to read, the rest may be prolonged, but not beyond this moment.
    private var longestRest = Instant(nanoseconds: 0)
    /// How often it was begun or prolonged.
    private var restCount = 0
    /// When the last wait was to end at the latest, by the clock of `tk_now`.
    private var waitedUntil = Int64.max

    /// The receive buffer of all connections. 256 KiB: a burst of a spoken reply in one receive.
    let buffer: UnsafeMutableRawBufferPointer
    /// Where messages are unmasked; grows for an occasional giant and shrinks again.
    private var scratch: UnsafeMutableRawBufferPointer
    private let events: UnsafeMutableRawBufferPointer

    static let bufferSize = 256 << 10
    /// Events per wake-up.
    private static let eventCount = 256

    private struct Slot {
        var owner: (any Pollable)?
        var generation: UInt32 = 0
    }

    public init(mailbox: Mailbox) throws(SystemError) {
        self.mailbox = mailbox
        reads = mailbox.reads
        tk_ignore_sigpipe()
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw SystemError("epoll_create1", tk_errno()) }
        // SAFETY: the three blocks belong to this object alone, are used on its thread and freed in
        // `deinit`.
        unsafe buffer = .allocate(byteCount: Self.bufferSize, alignment: 64)
        unsafe scratch = .allocate(byteCount: Self.bufferSize, alignment: 64)
        unsafe events = .allocate(
            byteCount: Self.eventCount * Int(tk_event_size), alignment: 8)
        refreshClock()
        let reader = MailReader(mailbox, self)
        mailReader = reader
        guard reader.start() else { throw SystemError("epoll_ctl", tk_errno()) }
    }

    deinit {
        // SAFETY: allocated in `init`, and nothing that points there outlives the loop.
        unsafe buffer.deallocate()
        unsafe scratch.deallocate()
        unsafe events.deallocate()
        tk_close(epoll, 0)
    }

    /// Serves until `stop`, then releases `owner`, because the two refer to each other.
    public func run() {
        refreshClock()
        endBatch()
        while !isStopped { runOnce() }
        owner = nil
    }

    /// Ends `run` after the current batch.
    public func stop() { isStopped = true }

    /// One wake-up. Waits no longer than `longest`.
    func runOnce(longest: Interval? = nil) {
        let before = now
        let count = waitForEvents(standstill?.wait ?? longest)
        noticeStandstill()
        refreshClock()
        if count < 0 {
            rest(for: now - before)
        } else if now.nanoseconds - waitedUntil > Self.late.nanoseconds {
            rest(for: Interval(nanoseconds: now.nanoseconds - waitedUntil))
        }
        for index in 0..<max(0, count) {
            noticeStandstill()
            // SAFETY: `events` holds at least `count` events.
            let tag = unsafe tk_event_tag(events.baseAddress, Int32(index))
            let flags = unsafe tk_event_flags(events.baseAddress, Int32(index))
            let slot = Int(truncatingIfNeeded: tag & 0xFFFF_FFFF)
            guard slots[slot].generation == UInt32(truncatingIfNeeded: tag >> 32) else { continue }
            slots[slot].owner?.ready(flags)
        }
        fireTimersUnlessLate(
            hasRead: count > 0, hasMore: count == Self.eventCount || !unfinished.isEmpty)
        if !unfinished.isEmpty { continueUnfinished() }
        endBatch()
    }

    /// - Returns: How many; negative if the process was stopped meanwhile.
    private func waitForEvents(_ longest: Interval?) -> Int {
        var timeout: Int64 = longest.map(\.nanoseconds) ?? -1
        let began = tk_now()
        if let next = rest ?? timers.next {
            let untilNext = max(0, next.nanoseconds - began)
            timeout = timeout < 0 ? untilNext : min(timeout, untilNext)
        }
        if !unfinished.isEmpty || isStopped { timeout = 0 }
        // SAFETY: `events` has room for `eventCount` events.
        let count = unsafe tk_epoll_wait(
            epoll, events.baseAddress, Int32(Self.eventCount), timeout)
        waitedUntil = timeout < 0 ? .max : began + timeout
        return Int(count)
    }

    // MARK: Clocks

    /// How long sockets are read before timers fire, on a slow network: one round trip, for what
    /// peers could not send while nothing was read.
    private static let roundTrip = Interval.seconds(1)
    /// The same if thousands of sockets were not read meanwhile: in this time a worker reads more
    /// than their buffers hold.
    private static let longestReading = Interval.seconds(10)
    private static let mostRests = 4

    /// Timers measure how long a peer has been silent, but while the process stood still (it was
    /// stopped, the machine was paused or had no CPU for us) it did not listen. So sockets are read
    /// once between the moment a timer is due and its firing, and after a standstill for a while:
    /// half of the lost time, a second at most, and longer while a wake-up leaves something unread.
    /// Timers that the input postpones then do not fire.
    ///
    /// - Parameter hasMore: The kernel may report more, or not all that it reported has been read.
    private func fireTimersUnlessLate(hasRead: Bool, hasMore: Bool) {
        if let rest {
            if now < rest || hasMore && now < longestRest { return }
            self.rest = nil
            restCount = 0
            longestRest = now
            fireTimers()
        } else if let next = timers.next, next <= now {
            let isLate = now - next > Self.late
            guard isLate || !hasRead || hasMore else { return fireTimers() }
            rest(for: isLate ? now - next : .zero)
        }
    }

    /// A wake-up this much later than the first timer is not explained by load.
    private static let late = Interval.milliseconds(5)

    /// The process may stand still during a rest, too. If that happens again and again, for lack of
    /// CPU, timers fire nevertheless.
    private func rest(for lost: Interval) {
        guard restCount < Self.mostRests else { return }
        restCount += 1
        let end = now + min(Interval(nanoseconds: lost.nanoseconds / 2), Self.roundTrip)
        rest = rest.map { max($0, end) } ?? end
        longestRest = max(longestRest, now + min(lost, Self.longestReading))
    }

    /// Called before a socket is read.
    @inline(__always)
    private func noticeStandstill() {
        guard let standstill, tk_now() - now.nanoseconds > standstill.limit.nanoseconds else {
            return
        }
        standstill.end(now)
        refreshClock()
        mailReader?.ready(tk_in)
    }

    private func refreshClock() { now = Instant(nanoseconds: tk_now()) }

    // MARK: Batches

    /// Notes that a connection has output to send before the batch ends.
    @inline(__always)
    func stage(_ connection: Connection) {
        if staged == nil { staged = connection } else { moreStaged.append(connection) }
    }

    /// Sends staged output. Sending may stage more (a resumed source, an end).
    @inline(__always)
    func flushStaged() { if staged != nil { flushAllStaged() } }

    private func flushAllStaged() {
        while let connection = staged.take() {
            staged = moreStaged.popLast()
            connection.flushStaged()
        }
    }

    /// Notes that a connection has input that the kernel will not report.
    func readLater(_ connection: Connection) { unfinished.append(connection) }

    /// The connection moves to another loop.
    func forget(_ connection: Connection) {
        unfinished.removeAll { $0 === connection }
        if waitingToRead.contains(where: { $0 === connection }) {
            waitingToRead.removeAll { $0 === connection }
            connection.isStarved = false
        }
    }

    /// Does not read the connection until `readAgain`.
    func waitToRead(_ connection: Connection) {
        connection.isStarved = true
        waitingToRead.append(connection)
        reads.noteWaiting()
    }

    /// The memory in use has been checked.
    public func readAgain() {
        let connections = waitingToRead
        waitingToRead = []
        for connection in connections where connection.loop === self {
            connection.isStarved = false
        }
    }

    private func continueUnfinished() {
        let connections = unfinished
        unfinished = []
        for connection in connections where connection.loop === self { connection.readOn() }
    }

    private func endBatch() {
        flushStaged()
        if dyingSlots.isEmpty && dyingDescriptors.isEmpty { return }
        for slot in dyingSlots {
            slots[slot].owner = nil
            freeSlots.append(slot)
        }
        dyingSlots.removeAll(keepingCapacity: true)
        for dying in dyingDescriptors {
            tk_close(dying.fd, dying.abruptly ? 1 : 0)
            Descriptors.closed()
        }
        dyingDescriptors.removeAll(keepingCapacity: true)
    }

    // MARK: Slots

    /// Gives `owner` a slot; returns the tag by which the kernel reports it.
    func enroll(_ owner: any Pollable) -> UInt64 {
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
        } else {
            slots.append(Slot())
            slot = slots.count - 1
        }
        slots[slot].owner = owner
        return UInt64(slots[slot].generation) << 32 | UInt64(slot)
    }

    /// From here on events for `tag` are dropped; the owner stays alive until the batch ends.
    func dismiss(_ tag: UInt64) {
        let slot = Int(truncatingIfNeeded: tag & 0xFFFF_FFFF)
        slots[slot].generation &+= 1
        dyingSlots.append(slot)
    }

    /// Closes a descriptor at the end of the batch.
    func close(_ fd: Int32, abruptly: Bool = false) {
        if fd >= 0 { dyingDescriptors.append((fd, abruptly)) }
    }

    /// From now on the connection may be closed for a newer one, as long as it `isDispensable`.
    func offer(_ connection: Connection) {
        if dispensable.count > 4096, dispensable.count > 2 * connectionCount {
            dispensable.removeAll { offered(as: $0.tag) == nil }
        }
        dispensable.append((connection.registration.tag, now))
    }

    /// Closes up to `most` connections to make room for newer ones, the oldest that `isPastHope`
    /// first, and returns how many. The others keep their position; after `mostKept` of them, the
    /// search ends.
    public func giveWay(_ most: Int) -> Int {
        var (given, looked) = (0, 0)
        var kept: [(tag: UInt64, since: Instant)] = []
        while given < most, looked < dispensable.count, kept.count < Self.mostKept {
            let entry = dispensable[looked]
            looked += 1
            guard let connection = offered(as: entry.tag) else { continue }
            if connection.isPastHope(since: entry.since) {
                connection.giveWay()
                given += 1
            } else {
                kept.append(entry)
            }
        }
        dispensable.replaceSubrange(..<looked, with: kept)
        return given
    }

    private static let mostKept = 64

    private func offered(as tag: UInt64) -> Connection? {
        let slot = Int(truncatingIfNeeded: tag & 0xFFFF_FFFF)
        guard slots.indices.contains(slot),
            slots[slot].generation == UInt32(truncatingIfNeeded: tag >> 32),
            let connection = slots[slot].owner as? Connection,
            connection.isDispensable
        else { return nil }
        return connection
    }

    /// Closes the dispensable connections because the process is short of memory, except the
    /// newest, whose requests are on their way: one of them may be a health check.
    public func abandonDispensable() {
        let old = dispensable.dropLast(Self.newestAccepting)
        dispensable.removeFirst(old.count)
        for entry in old { offered(as: entry.tag)?.giveWay() }
    }

    /// The number accepted in a few wake-ups: a request comes within one or two wake-ups of its
    /// connection.
    private static let newestAccepting = 4 * Listener.mostAtOnce

    // MARK: Shared memory

    /// Room for `count` unmasked bytes, valid until the next call.
    @inline(__always)
    func scratch(_ count: Int) -> UnsafeMutableRawBufferPointer {
        // SAFETY: the block belongs to the loop; callers use it within one call.
        if unsafe count > scratch.count { growScratch(count) }
        return unsafe UnsafeMutableRawBufferPointer(start: scratch.baseAddress, count: count)
    }

    private func growScratch(_ count: Int) {
        // SAFETY: no caller holds the old block: it is lent for one call at a time.
        unsafe scratch.deallocate()
        unsafe scratch = .allocate(byteCount: count, alignment: 64)
    }

    /// Releases the memory of a giant message.
    func shrinkScratch() {
        if unsafe scratch.count > Self.bufferSize { growScratch(Self.bufferSize) }
    }
}

/// Random bytes from the kernel, a page at a time: masks must not be predictable (RFC 6455 section
/// 5.3), and a system call for each would cost more than the message.
struct Entropy {
    private var words: [UInt32] = []

    mutating func next() -> UInt32 {
        if words.isEmpty {
            words = [UInt32](repeating: 0, count: 1024)
            // SAFETY: the array's memory, during the call. 4 KiB may only fall short while the
            // machine starts; zero words are still legal masks then.
            _ = unsafe words.withUnsafeMutableBytes {
                unsafe getrandom($0.baseAddress, $0.count, 0)
            }
        }
        return words.removeLast()
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}
