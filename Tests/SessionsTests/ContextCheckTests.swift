import Testing

@testable import Sessions

/// Failure catalogue 5.8: a model that has forgotten the conversation bills less than two fifths of
/// its sound from one turn to the next.
@Suite struct ContextCheckTests {
    private func forgets(_ reports: Int64...) -> Bool {
        var check = ContextCheck()
        for audio in reports { check.billed(audio: audio) }
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
        check.billed(audio: 3000)
        check.startOver()
        check.billed(audio: 100)
        #expect(!check.hasForgotten)
        check.billed(audio: 3000)
        check.recapped()
        check.billed(audio: 100)
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
