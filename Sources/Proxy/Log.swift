import Basics
import CLinux
import Synchronization
import Transport

/// Lines for people and for collectors, on stderr. A separate thread writes them from a bounded
/// queue: if the pipe is full, lines are lost and counted, but nothing is delayed.
public final class Log: Sendable {
    public enum Level: Int, Sendable, Comparable {
        case error, warning, info, debug

        public init?(_ name: String) {
            switch name {
            case "error": self = .error
            case "warning": self = .warning
            case "info": self = .info
            case "debug": self = .debug
            default: return nil
            }
        }

        var name: String {
            switch self {
            case .error: "error"
            case .warning: "warning"
            case .info: "info"
            case .debug: "debug"
            }
        }

        public static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
    }

    public enum Format: String, Sendable { case text, json }

    /// A value in a line; strings are truncated, cleared of credentials, and escaped.
    public enum Value: Sendable {
        case string(String)
        /// A name that the operator chose, such as a tenant's: it may begin like a secret.
        case own(String)
        case integer(Int)
        case seconds(Double)
        /// In millionths of a dollar.
        case dollars(Int64)

        fileprivate var isEmpty: Bool {
            switch self {
            case .string(let text), .own(let text): text.isEmpty
            case .integer, .seconds, .dollars: false
            }
        }
    }

    private struct Queue {
        var lines: [[UInt8]] = []
        var dropped = 0
        /// Dropped since the process began.
        var lost = 0
        var isOpen = true
    }

    /// Ten thousand lines of about 200 bytes: two megabytes.
    private static let capacity = 10_000

    let level: Level
    private let format: Format
    private let queue = Mutex(Queue())
    private let scrubber = Mutex(Scrubber())
    private let thread = BackgroundThread()

    public init(level: Level = .info, format: Format = .text) {
        self.level = level
        self.format = format
        // Without a thread, lines accumulate up to the limit and are counted; the server still
        // runs.
        try? thread.start("log") { [self] in drain() }
    }

    /// From now on, removes these values from all lines.
    func scrubs(with scrubber: Scrubber) { self.scrubber.withLock { $0 = scrubber } }

    /// Queues one line: a time, a level, a sentence, then fields.
    public func write(
        _ level: Level, _ message: String, _ fields: @autoclosure () -> [(String, Value)] = []
    ) {
        guard level <= self.level else { return }
        let line = render(level, message, fields())
        let queued = queue.withLock { queue in
            guard queue.isOpen, queue.lines.count < Self.capacity else {
                queue.dropped += 1
                queue.lost += 1
                return false
            }
            queue.lines.append(line)
            return true
        }
        if queued { thread.wake() }
    }

    /// Lines that were dropped since the process began, for metrics.
    var lost: Int { queue.withLock { $0.lost } }

    /// Writes queued lines and ends the thread; waits at most a second for a reader of stderr.
    public func close() {
        let wasOpen = queue.withLock { queue in
            defer { queue.isOpen = false }
            return queue.isOpen
        }
        guard wasOpen else { return }
        thread.end(within: .seconds(1))
    }

    private func drain() {
        while true {
            thread.sleep()
            let (lines, dropped, isOpen) = queue.withLock { queue in
                defer {
                    queue.lines.removeAll(keepingCapacity: true)
                    queue.dropped = 0
                }
                return (queue.lines, queue.dropped, queue.isOpen)
            }
            for line in lines { put(line) }
            if dropped > 0 {
                put(render(.warning, "log lines dropped", [("lines", .integer(dropped))]))
            }
            if !isOpen { return }
        }
    }

    func render(
        _ level: Level, _ message: String, _ fields: [(String, Value)]
    ) -> [UInt8] {
        // Fields that do not apply are empty.
        let fields = fields.filter { !$0.1.isEmpty }
        var line: [UInt8] = []
        let stamp = WallTime(nanoseconds: tk_wall()).description
        switch format {
        case .text:
            line += "\(stamp) \(level.name) \(message)".utf8
            for (name, value) in fields {
                line += " \(name)=".utf8
                append(value, to: &line, isJSON: false)
            }
        case .json:
            line += #"{"time":"\#(stamp)","level":"\#(level.name)","message":"#.utf8
            line += LogText.quoted(message)
            for (name, value) in fields {
                line += ",".utf8
                line += LogText.quoted(name)
                line += ":".utf8
                append(value, to: &line, isJSON: true)
            }
            line += "}".utf8
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    private func append(_ value: Value, to line: inout [UInt8], isJSON: Bool) {
        switch value {
        case .integer(let number): line += String(number).utf8
        case .seconds(let number): line += "\(Double(Int64(number * 1000)) / 1000)".utf8
        case .dollars(let micro): line += Decimal.padding(micro, 6).utf8
        case .own(let text):
            line +=
                isJSON || !LogText.isPlain(text) ? LogText.quoted(text) : Array(text.utf8)
        case .string(let text):
            let scrubbed = Credentials.redacted(scrubber.withLock { $0 }.scrub(text))
            append(.own(scrubbed), to: &line, isJSON: isJSON)
        }
    }

    private func put(_ line: [UInt8]) {
        var rest = line[...]
        while !rest.isEmpty {
            // SAFETY: the slice outlives the call, which only reads it.
            let written = unsafe rest.withUnsafeBytes {
                unsafe CLinux.write(2, $0.baseAddress, $0.count)
            }
            if written < 0 {
                if tk_errno() == EINTR { continue }
                return
            }
            rest = rest.dropFirst(written)
        }
    }
}
