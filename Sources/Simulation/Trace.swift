import Basics
import Sessions
import Wire

/// A hash over all of a session's actions and their times, to compare a run with its repetition.
public struct Trace: Equatable, Sendable {
    public private(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ at: Instant, _ action: Action) {
        add(UInt64(bitPattern: at.nanoseconds))
        switch action {
        case .forward: add(1)
        case .send(let peer, let bytes, let opcode):
            add(2 + UInt64(peer.rawValue) * 16 + UInt64(opcode.rawValue) * 64)
            add(bytes)
        case .dial(let link): add(3 + UInt64(link) * 16)
        case .use(let link): add(9 + UInt64(link) * 16)
        case .drop(let link): add(10 + UInt64(link) * 16)
        case .accept: add(4)
        case .refuse(let refusal): add(5 + UInt64(max(refusal.status, 0)) * 16)
        case .ping(let peer): add(6 + UInt64(peer.rawValue) * 16)
        case .close(let peer, let close):
            add(7 + UInt64(peer.rawValue) * 16 + UInt64(close.code) * 64)
        case .note: add(8)
        case .pause(let peer): add(9 + UInt64(peer.rawValue) * 16)
        case .resume(let peer): add(10 + UInt64(peer.rawValue) * 16)
        case .limit: add(11)
        case .choose(let model):
            add(12)
            add(Array(model.utf8))
        case .recall(_, let fingerprint): add(16 ^ fingerprint)
        case .offer(_, let fingerprint, _): add(13 ^ fingerprint)
        case .retire: add(14)
        case .keep: add(15)
        }
    }

    mutating func add(_ bytes: [UInt8]) {
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }

    private mutating func add(_ number: UInt64) {
        hash = (hash ^ number) &* 0x100_0000_01b3
        hash ^= hash >> 29
    }
}
