import Basics
import Sessions
import Wire

/// A hash over all of a session's actions and their times, to compare a run with its repetition.
public struct TraceHash: Equatable, Sendable {
    private var content = FNV1a()

    public var hash: UInt64 { content.value }

    /// First which action it is, then what distinguishes it from others of its kind.
    mutating func add(_ at: Instant, _ action: Action) {
        mix(UInt64(bitPattern: at.nanoseconds))
        switch action {
        case .forward: add(1)
        case .send(let peer, let bytes, let opcode):
            add(2, UInt64(peer.rawValue), UInt64(opcode.rawValue))
            add(bytes)
        case .dial(let link): add(3, UInt64(link))
        case .use(let link): add(4, UInt64(link))
        case .drop(let link): add(5, UInt64(link))
        case .accept: add(6)
        case .refuse(let refusal): add(7, UInt64(max(refusal.status, 0)))
        case .ping(let peer): add(8, UInt64(peer.rawValue))
        case .pause(let peer): add(9, UInt64(peer.rawValue))
        case .resume(let peer): add(10, UInt64(peer.rawValue))
        case .close(let peer, let close): add(11, UInt64(peer.rawValue), UInt64(close.code))
        case .note: add(12)
        case .limit: add(13)
        case .choose(let model):
            add(14)
            add(Array(model.utf8))
        case .recall(_, let fingerprint): add(15, fingerprint)
        case .offer(_, let fingerprint, _): add(16, fingerprint)
        case .keep: add(17)
        case .retire: add(18)
        }
    }

    mutating func add(_ bytes: [UInt8]) { content.add(bytes) }

    private mutating func add(_ tag: UInt64, _ operand: UInt64 = 0, _ other: UInt64 = 0) {
        mix(tag)
        mix(operand)
        mix(other)
    }

    private mutating func mix(_ number: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) {
            content.add(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
