import CLinux

/// Another process. It may have ended since, and its number may have been reused.
struct OtherProcess: Equatable, Sendable {
    enum State { case running, stopped, gone }

    let number: Int32
    /// When it began, in ticks since the machine started.
    private let began: Substring

    /// nil if no process has this number.
    init?(_ number: Int32) {
        guard number > 0, let fields = Self.fields(number) else { return nil }
        self.number = number
        began = fields.began
    }

    /// Parses what `text` contains.
    init?(_ text: Substring) {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let number = Int32(parts[0]) else { return nil }
        self.number = number
        began = parts[1]
    }

    var text: String { "\(number):\(began)" }

    var state: State {
        guard let fields = Self.fields(number), fields.began == began else { return .gone }
        return switch fields.state {
        case "T", "t": .stopped
        case "Z", "X": .gone
        default: .running
        }
    }

    /// proc(5): the name, which may contain anything, is in parentheses.
    private static func fields(_ number: Int32) -> (state: Substring, began: Substring)? {
        let text = String(
            decoding: File.read("/proc/\(number)/stat", limit: 4096) ?? [], as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? (fields[0], fields[19]) : nil
    }
}
