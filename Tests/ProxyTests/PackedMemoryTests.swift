import Sessions
import Testing

@testable import Proxy

@Suite("A conversation's memory as bytes")
struct PackedMemoryTests {
    private let memory = Memory(
        model: "models/m\n", tools: .max, handle: "", transcript: Array("uHällo\n-\nm!\n".utf8))

    @Test("comes back as it was")
    func roundTrip() {
        var memory = memory
        memory.putOff = .milliseconds(1500)
        memory.mayAwaitResults = false
        memory.changes.setup = .max
        memory.changes.instruction = Array(#"{"parts":[{"text":"New."}]}"#.utf8)
        memory.changes.tools = Array("[]".utf8)
        memory.used = Memory.Used(cost: 1_250_000, tokens: .max)
        #expect(Memory(packed: memory.packed) == memory)
        // A newer program may have more to say.
        #expect(Memory(packed: memory.packed + [0, 0, 0, 1, 7]) == memory)
    }

    @Test("what is not one is nothing")
    func broken() {
        let whole = memory.packed
        // Older programs had less to say: model, tools, handle and transcript.
        var ends = [1]
        while let end = ends.last, end < whole.count {
            let count = whole[end..<end + 4].reduce(0) { $0 << 8 | Int($1) }
            ends.append(end + 4 + count)
        }
        for count in 0..<whole.count {
            let isWhole = ends.dropFirst(4).contains(count)
            #expect((Memory(packed: Array(whole[..<count])) != nil) == isWhole)
        }
        #expect(Memory(packed: [2] + whole.dropFirst()) == nil)
        #expect(Memory(packed: whole + [255, 255, 255, 255]) == nil)
        #expect(Memory(packed: [1] + [UInt8](repeating: 0, count: 16)) == nil)
        #expect(Memory(packed: [1] + [UInt8](repeating: 255, count: 64)) == nil)
    }
}
