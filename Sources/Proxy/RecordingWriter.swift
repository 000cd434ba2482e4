import Basics
import CLinux
import Policies
import Recording
import Sessions
import Synchronization
import Transport

/// Writes recorded sessions to `recordings` in the data directory, one file each.
///
/// Workers queue events and continue; one thread converts them to lines and writes them. If it
/// cannot keep up, or the disk is full, lines are lost; they are counted and noted in the file. No
/// worker ever waits for it.
final class RecordingWriter: Sendable {
    enum Item {
        case begin(String, Policy, Profiles, WallTime)
        case step(String, Interval, Event, [UInt8], [Action])
        case end(String)
    }

    private struct Queue {
        var items: [Item] = []
        var weight = 0
        /// Steps that did not fit, by session.
        var lost: [String: Int] = [:]
        var isRunning = false
        var isOpen = true
        /// Removes values that no file may contain.
        var scrubber = Scrubber()
    }

    let directory: String
    let log: Log
    private let data: String
    private let isShared: Bool
    private let retention: Interval?
    private let queue = Mutex(Queue())
    private let thread = BackgroundThread()

    /// Bytes that may wait, about a second of ten thousand sessions.
    private static let room = 64 << 20
    private static let gathering = Interval.milliseconds(200)
    /// The interval between checks for old files.
    private static let forgetting = Interval.seconds(600)

    init(_ options: ServerOptions, _ log: Log) {
        data = options.data
        directory = options.data + "/recordings"
        retention = options.retention
        isShared = options.sharesConversations
        self.log = log
        // Files of an earlier run are deleted when they expire, even if nothing is recorded now.
        // SAFETY: the path is read during the call.
        if unsafe access(directory, R_OK) == 0 { start() }
    }

    func scrubs(with scrubber: Scrubber) { queue.withLock { $0.scrubber = scrubber } }

    // MARK: For workers

    /// Nil if the policy does not record the session.
    func begin(
        _ session: String, _ policy: Policy, _ profiles: Profiles, at now: Instant
    ) -> SessionRecording? {
        guard policy.log.record != .off else { return nil }
        start()
        leave(.begin(session, policy, profiles, WallTime(nanoseconds: tk_wall())), weight: 4096)
        return SessionRecording(writer: self, session: session, began: now)
    }

    fileprivate func leave(_ item: Item, weight: Int) {
        let isFirst = queue.withLock { queue in
            guard queue.isOpen else { return false }
            if case .step(let session, _, _, _, _) = item, queue.weight + weight > Self.room {
                queue.lost[session, default: 0] += 1
                return false
            }
            queue.items.append(item)
            queue.weight += weight
            return queue.items.count == 1
        }
        if isFirst { thread.wake() }
    }

    private func start() {
        let isFirst = queue.withLock { queue in
            defer { queue.isRunning = true }
            return !queue.isRunning && queue.isOpen
        }
        guard isFirst else { return }
        do throws(SystemError) {
            try thread.start("recorder") { self.work() }
        } catch {
            queue.withLock { queue in
                queue.isRunning = false
                queue.isOpen = false
            }
            log.write(.error, "cannot record sessions", [("error", .string(error.description))])
        }
    }

    /// Writes waiting lines and ends the thread.
    func close() {
        let wasRunning = queue.withLock { queue in
            defer { queue.isOpen = false }
            return queue.isOpen && queue.isRunning
        }
        guard wasRunning else { return }
        thread.end()
    }

    // MARK: The thread

    private func work() {
        // SAFETY: the paths are read during the calls; a failure is noticed when a file is opened.
        _ = unsafe mkdir(data, 0o700)
        _ = unsafe mkdir(directory, 0o700)
        var files = RecordingFiles(directory: directory, log: log, isShared: isShared)
        var nextForgetting = Instant(nanoseconds: 0)
        while true {
            thread.sleep(Self.forgetting)
            if queue.withLock({ $0.isOpen }) { thread.sleep(Self.gathering) }
            let (items, lost, scrubber, isOpen) = queue.withLock { queue in
                defer {
                    queue.items = []
                    queue.lost = [:]
                    queue.weight = 0
                }
                return (queue.items, queue.lost, queue.scrubber, queue.isOpen)
            }
            for item in items { files.append(item, scrubber) }
            for (session, count) in lost { files.lose(session, count) }
            files.flush()
            let now = Instant(nanoseconds: tk_now())
            if let retention, now >= nextForgetting {
                nextForgetting = now + Self.forgetting
                RecordingFiles.forget(
                    in: directory, before: WallTime(nanoseconds: tk_wall()) - retention)
            }
            if !isOpen { return files.closeAll() }
        }
    }
}

/// One session's access to its recording.
struct SessionRecording {
    private let writer: RecordingWriter
    private let session: String
    private let began: Instant

    fileprivate init(writer: RecordingWriter, session: String, began: Instant) {
        (self.writer, self.session, self.began) = (writer, session, began)
    }

    /// Records an event and the resulting actions.
    func record(_ event: Event, _ payload: Span<UInt8>, _ actions: Actions, at now: Instant) {
        var event = event
        // Times are relative to the session's beginning.
        if case .drained(let deadline) = event {
            event = .drained(by: Instant(nanoseconds: 0) + (deadline - began))
        }
        writer.leave(
            .step(session, now - began, event, [UInt8](copying: payload), actions.list),
            weight: payload.count + 256 + actions.list.count * 64)
    }

    func end() { writer.leave(.end(session), weight: 64) }
}
