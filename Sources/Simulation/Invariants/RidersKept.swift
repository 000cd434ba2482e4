import Basics
import Sessions
import Wire

/// I14: unknown fields survive. Words that the service adds in unknown places reach the client once
/// each.
struct RidersKept: Invariant {
    static let name = "I14"
    private var link: ConnectionID = 0
    /// Words received on the current connection and not passed on.
    private var owed: [String] = []
    private var paid: Set<String> = []
    private var isOver = false

    mutating func check(_ step: Step) -> String? {
        var complaint: String?
        if case .geminiSent(let message, _, let from) = step.event, from == max(link, 1), !isOver {
            let shown = hidesCalls(step) ? Self.without(message.tool, step.payload) : step.payload
            owed += Set(Self.words(in: shown)).subtracting(paid)
        }
        for departure in step.departures {
            switch departure {
            case .use(let next): link = next
            case .toGemini: break
            case .toClient(let bytes): complaint = complaint ?? pay(bytes)
            }
        }
        for case .ended in step.notes { isOver = true }
        return complaint
    }

    /// A call that is hidden from the client contains fields, too.
    private func hidesCalls(_ step: Step) -> Bool {
        step.notes.contains { fact in
            switch fact {
            case .callRemembered, .byproductKept(.call), .byproductKept(.late): true
            default: false
            }
        }
    }

    private static func without(_ range: ByteRange, _ bytes: [UInt8]) -> [UInt8] {
        let range = range.range.clamped(to: 0..<bytes.count)
        return Array(bytes[..<range.lowerBound] + bytes[range.upperBound...])
    }

    private mutating func pay(_ bytes: [UInt8]) -> String? {
        for word in Set(Self.words(in: bytes)) {
            guard paid.insert(word).inserted else { return "\(word) was passed on twice" }
            owed.removeAll { $0 == word }
        }
        return nil
    }

    mutating func finish() -> String? { owed.first.map { "\($0) was lost" } }

    private static let start = Array("rider-".utf8)

    /// `rider-17-`, anywhere.
    private static func words(in bytes: [UInt8]) -> [String] {
        var found: [String] = []
        var place = bytes.firstRange(of: start)
        while let end = place?.upperBound {
            let digits = bytes[end...].prefix { (0x30...0x39).contains($0) }
            found.append("rider-" + String(decoding: digits, as: UTF8.self))
            place = bytes.firstRange(of: start, from: end)
        }
        return found
    }
}
