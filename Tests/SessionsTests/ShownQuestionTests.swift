import Basics
import Testing

@testable import Sessions

/// A question that is transcribed again, and what of that the client sees.
@Suite struct ShownQuestionTests {
    private static func piece(_ number: Int) -> [UInt8] {
        Array("piece \(number) of a long question, ".utf8)
    }

    /// What becomes of each piece of a question of this many, and one more, said again.
    private func again(_ count: Int) -> [ShownQuestion.Repetition] {
        var question = ShownQuestion()
        for number in 0..<count {
            let words = Self.piece(number)
            question.heard(ByteRange(0, words.count), words.span)
        }
        question.saidAgain()
        return (0...count).map { number in
            let words = Self.piece(number)
            return question.repetition(ByteRange(0, words.count), words.span)
        }
    }

    // Two minutes of speech, as JSON that escapes its letters.
    @Test("a long question is shown once, and what follows it as well", arguments: [1, 100, 400])
    func repeated(count: Int) {
        let verdicts = again(count)
        #expect(verdicts.dropLast().allSatisfy { $0 == .same })
        #expect(verdicts.last == ShownQuestion.Repetition.none)
    }

    @Test func `other words of the same length are hidden, and are what the user said`() {
        var question = ShownQuestion()
        let (one, other) = (Array("Are you there?".utf8), Array("Far from here.".utf8))
        question.heard(ByteRange(0, one.count), one.span)
        question.saidAgain()
        let verdict = question.repetition(ByteRange(0, other.count), other.span)
        #expect(verdict == .other)
    }
}
