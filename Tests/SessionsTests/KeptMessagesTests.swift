import Basics
import Testing
import Wire

@testable import Sessions

@Suite struct KeptMessagesTests {
    /// Audio, other messages and giants, dropped in any order and packed at any moment.
    @Test(arguments: Array(1...20) as [UInt64])
    func `what is not dropped stays as it was`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var kept = KeptMessages()
        var left: [Journal.ID: [UInt8]] = [:]
        for id in 0..<300 {
            let isSound = random.chance(0.7)
            let length = Int.random(in: 1...(random.chance(0.05) ? 200_000 : 4_000), using: &random)
            let message = isSound ? sound(length / 2, &random) : text(length, &random)
            kept.append(
                message.span, id: id, kind: isSound ? .sound : .other, opcode: .text,
                audio: .milliseconds(20))
            left[id] = message
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let old = Int.random(in: 0...id, using: &random)
                if left.removeValue(forKey: old) != nil { kept.drop(kept.index(of: old)) }
            }
            switch Int.random(in: 0..<40, using: &random) {
            case 0: kept.compact()
            case 1: kept.decode()
            case 2: kept.tighten()
            default: break
            }
        }
        for (id, message) in left {
            let entry = kept.entries[kept.index(of: id)]
            #expect(entry.id == id && kept.message(entry) == message)
        }
        let place = MemoryLayout<KeptMessages.Entry>.stride
        #expect(kept.size <= left.values.reduce(0) { $0 + $1.count + place })
        for id in left.keys { kept.drop(kept.index(of: id)) }
        kept.compact()
        #expect(kept.isEmpty && kept.size == 0)
    }

    @Test func `everything is dropped at once, and what follows is kept as before`() {
        var random = SeededRandom(seed: 7)
        var kept = KeptMessages()
        for id in 0..<3000 {
            if id % 1000 == 999 {
                if id > 1000 { kept.decode() }
                kept.removeAll()
                #expect(kept.isEmpty && kept.size == 0)
            }
            let message = sound(640, &random)
            kept.append(
                message.span, id: id, kind: .sound, opcode: .text, audio: .milliseconds(20))
            #expect(kept.message(kept.entries[kept.index(of: id)]) == message)
        }
    }

    private func sound(_ bytes: Int, _ random: inout SeededRandom) -> [UInt8] {
        let pcm = (0..<max(1, bytes)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        return Array(#"{"realtimeInput":{"audio":{"data":""#.utf8) + Base64.encode(pcm.span)
            + Array(#"","mimeType":"audio/pcm;rate=16000"}}}"#.utf8)
    }

    private func text(_ bytes: Int, _ random: inout SeededRandom) -> [UInt8] {
        let letters = (0..<bytes).map { _ in UInt8.random(in: 97...122, using: &random) }
        return Array(#"{"realtimeInput":{"text":""#.utf8) + letters + Array(#""}}"#.utf8)
    }
}
