import Basics
import Testing
import Wire

@testable import Sessions

/// What shows that a resumed model has forgotten the conversation, and what that it has not.
@Suite struct ContextCheckTests {
    private func usage(_ prompt: Int64, _ response: Int64) -> Usage {
        var usage = Usage()
        usage.prompt = prompt
        usage.response = response
        return usage
    }

    /// - Parameters:
    ///   - before: Reports before the resume.
    ///   - after: That of the first answer since; nil if there is none.
    ///   - isLate: It comes behind the end of the answer.
    private func hasForgotten(
        _ before: [Usage], _ after: Usage?, isLate: Bool = false, isGreeting: Bool = true
    ) -> Bool {
        var context = ContextCheck()
        for report in before { context.billed(report) }
        context.resumed()
        if let after, !isLate { context.billed(after) }
        context.answered(isGreeting: isGreeting)
        if let after, isLate { context.billed(after) }
        return context.hasForgotten
    }

    @Test("a prompt that contains the conversation outweighs words that are said again")
    func proven() {
        for isLate in [false, true] {
            #expect(!hasForgotten([usage(2, 44)], usage(48, 44), isLate: isLate))
            #expect(hasForgotten([usage(2, 44)], usage(2, 44), isLate: isLate))
            // A long question is no proof.
            #expect(hasForgotten([usage(2, 44)], usage(20, 44), isLate: isLate))
            #expect(hasForgotten([usage(2, 44), usage(48, 44)], usage(3, 44), isLate: isLate))
        }
    }

    @Test("without reports the words count")
    func wordsAlone() {
        #expect(hasForgotten([], nil))
        #expect(!hasForgotten([], nil, isGreeting: false))
        // What the answer before took is unknown, so nothing shows that it is in the prompt.
        #expect(hasForgotten([usage(100, -1)], usage(200, -1)))
    }

    @Test("only the first answer after a resume is judged")
    func first() {
        var context = ContextCheck()
        context.billed(usage(2, 44))
        context.resumed()
        context.billed(usage(48, 44))
        context.answered(isGreeting: false)
        #expect(!context.isFirstSinceResume)
        context.billed(usage(3, 1))
        #expect(!context.hasForgotten)
    }

    @Test("sound that is no longer billed is forgotten, whatever the words")
    func sound() {
        var report = usage(500, 44)
        report.promptDetails.audio = 400
        var less = usage(100, 44)
        less.promptDetails.audio = 100
        #expect(hasForgotten([report], less, isGreeting: false))
    }

    @Test("the answer to a question that is asked again is no greeting")
    func askedAgain() {
        #expect(!isGreetedAgain("Hello?", "hello"))
        #expect(isGreetedAgain("Hello?", "Where were we?"))
        // What was said is unknown.
        #expect(isGreetedAgain(nil, "Where were we?"))
        #expect(isGreetedAgain(nil, nil))
    }

    private func isGreetedAgain(_ first: String?, _ second: String?) -> Bool {
        var words = Journal().words
        func say(_ text: String?, byUser isByUser: Bool, _ id: Journal.ID) {
            guard let bytes = text.map({ Array($0.utf8) }) else { return }
            words.say(
                isByUser ? .user : .model, ByteRange(0, bytes.count), bytes.span, at: id)
        }
        let greeting = "Hello! What may I do for you today, dear caller?"
        say(first, byUser: true, 0)
        words.reply = 1
        say(greeting, byUser: false, 1)
        words.settle(through: 1)
        say(second, byUser: true, 2)
        words.reply = 3
        say(greeting, byUser: false, 3)
        return words.isGreetedAgain
    }

    // Failure catalogue 5.8: a model that has forgotten bills less than two fifths of its sound.

    private func sound(_ tokens: Int64) -> Usage {
        var report = Usage()
        report.promptDetails.audio = tokens
        return report
    }

    private func forgets(_ reports: Int64...) -> Bool {
        var check = ContextCheck()
        for audio in reports { check.billed(sound(audio)) }
        return check.hasForgotten
    }

    @Test("only a fall by more than three fifths, of a conversation worth the name, is forgetting")
    func falls() {
        // As measured.
        #expect(forgets(2758, 351))
        #expect(forgets(1000, 399) && !forgets(1000, 400))
        #expect(!forgets(1000, 2000, 3000))
        // A first report says nothing, nor do those that leave it out.
        #expect(!forgets(0) && !forgets(-1, 0))
        #expect(forgets(1000, -1, 100) && !forgets(1000, -1))
        // A greeting is no conversation.
        #expect(!forgets(199, 0) && forgets(200, 0))
    }

    @Test("what was changed on purpose is not compared with what was before")
    func onPurpose() {
        var check = ContextCheck()
        check.billed(sound(3000))
        check.startOver()
        check.billed(sound(100))
        #expect(!check.hasForgotten)
        check.billed(sound(3000))
        check.recapped()
        check.billed(sound(100))
        #expect(!check.hasForgotten)
    }

    @Test("the conversation is told again twice at most")
    func recaps() {
        var check = ContextCheck()
        let may = (0..<4).map { _ in
            defer { check.recapped() }
            return check.mayRecap
        }
        #expect(may == [true, true, false, false])
    }
}
