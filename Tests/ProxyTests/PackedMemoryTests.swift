import Sessions
import Testing

@testable import Proxy

@Suite("A conversation's memory as bytes")
struct PackedMemoryTests {
    private let memory = Memory(
        model: "models/m\n", tools: .max, handle: "", transcript: Array("uHällo\n-\nm!\n".utf8))

    @Test("comes back as it was")
    func roundTrip() {
        #expect(Memory(packed: memory.packed) == memory)
        // A newer program may have more to say.
        #expect(Memory(packed: memory.packed + [0, 0, 0, 1, 7]) == memory)
    }

    @Test("what is not one is nothing")
    func broken() {
        let whole = memory.packed
        for count in 0..<whole.count { #expect(Memory(packed: Array(whole[..<count])) == nil) }
        #expect(Memory(packed: [2] + whole.dropFirst()) == nil)
        #expect(Memory(packed: whole + [255, 255, 255, 255]) == nil)
        #expect(Memory(packed: [1] + [UInt8](repeating: 0, count: 16)) == nil)
        #expect(Memory(packed: [1] + [UInt8](repeating: 255, count: 64)) == nil)
    }
}
