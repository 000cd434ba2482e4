import Testing

@testable import Basics

@Suite struct GuessTests {
    @Test("a wrong word is guessed")
    func guesses() {
        let words = ["dead_air", "pause", "flush", "rules"]
        #expect(guess(for: "deadair", among: words) == "dead_air")
        #expect(guess(for: "DEAD-AIR", among: words) == "dead_air")
        #expect(guess(for: "puase", among: words) == "pause")
        #expect(guess(for: "xyz", among: words) == nil)
        #expect(guess(for: "", among: words) == nil)
        #expect(guess(for: String(repeating: "a", count: 100_000), among: words) == nil)
        #expect(editDistance(Array("kitten".utf8), Array("sitting".utf8)) == 3)
        #expect(editDistance(Array("ab".utf8), Array("ba".utf8)) == 1)
        #expect(editDistance([], Array("abc".utf8)) == 3)
    }
}
