import Basics
import Policies
import Sessions
import Testing
import Wire

/// By default: five failures among the latest ten, from three sessions; a probe a minute.
@Suite struct BreakerTests {
    private let terms = Policy.Breaker()
    private let start = Instant(nanoseconds: 0)

    private func opened() -> Box {
        let breaker = Box()
        for session in ["a", "a", "b", "b", "c"] {
            _ = breaker.failed(session, terms, at: start)
        }
        return breaker
    }

    @Test("five failures from three sessions open it")
    func opens() {
        let breaker = Box()
        for session in ["a", "a", "b", "b"] {
            #expect(breaker.failed(session, terms, at: start) == nil)
            #expect(breaker.admits("x", terms, at: start))
        }
        #expect(breaker.failed("c", terms, at: start) == .opened)
        #expect(breaker.isOpen)
        #expect(!breaker.admits("x", terms, at: start))
        #expect(breaker.failed("d", terms, at: start) == nil)
    }

    @Test("one broken client does not open it, however often it fails")
    func oneClient() {
        let breaker = Box()
        for _ in 0..<2000 { #expect(breaker.failed("a", terms, at: start) == nil) }
        #expect(breaker.failed("b", terms, at: start) == nil)
        #expect(!breaker.isOpen)
        #expect(breaker.failed("c", terms, at: start) == .opened)
    }

    @Test("three sessions that each try thirty times, one after another, open it")
    func persistent() {
        let breaker = Box()
        for session in ["a", "b"] {
            for _ in 0..<30 { #expect(breaker.failed(session, terms, at: start) == nil) }
        }
        #expect(breaker.failed("c", terms, at: start) == .opened)
    }

    @Test("failures that later answers pushed out of the window do not count")
    func window() {
        let breaker = Box()
        for session in ["a", "b", "c", "d"] { _ = breaker.failed(session, terms, at: start) }
        for number in 0..<7 { #expect(breaker.answered("ok \(number)") == nil) }
        #expect(breaker.failed("e", terms, at: start) == nil)
        #expect(breaker.failed("f", terms, at: start) == nil)
        #expect(!breaker.isOpen)
    }

    @Test("while it is open one session per interval tries the model")
    func probes() {
        let breaker = opened()
        #expect(!breaker.admits("early", terms, at: start + .milliseconds(59_999)))
        let due = start + .seconds(60)
        #expect(breaker.admits("probe", terms, at: due))
        #expect(!breaker.admits("next", terms, at: due))
        #expect(!breaker.admits("next", terms, at: due + .seconds(59)))
        #expect(breaker.admits("next", terms, at: due + .seconds(60)))
    }

    @Test("only the probe's answer closes it")
    func heals() {
        let breaker = opened()
        #expect(breaker.admits("probe", terms, at: start + .seconds(60)))
        #expect(breaker.answered("an older session") == nil)
        #expect(breaker.isOpen)
        #expect(breaker.answered("probe") == .healed)
        #expect(breaker.value == Breaker())
    }

    @Test("a probe that needed a second attempt does not close it")
    func lame() {
        let breaker = opened()
        #expect(breaker.admits("probe", terms, at: start + .seconds(60)))
        #expect(breaker.failed("probe", terms, at: start + .seconds(61)) == nil)
        #expect(breaker.answered("probe") == nil)
        #expect(breaker.isOpen)
        #expect(breaker.admits("another", terms, at: start + .seconds(120)))
        #expect(breaker.answered("another") == .healed)
    }

    @Test("what opened it is remembered until it is closed")
    func remembers() {
        let breaker = opened()
        #expect(breaker.value.recent(10) == (5, 5))
        _ = breaker.answered("an older session")
        _ = breaker.failed("another", terms, at: start)
        #expect(breaker.value.recent(10) == (7, 6))
        let gone = Box()
        _ = gone.retired("a", terms, at: start)
        #expect(gone.value.recent(10) == (1, 1))
    }

    @Test("a retired model is skipped after one session's report")
    func retired() {
        let breaker = Box()
        #expect(breaker.retired("a", terms, at: start) == .opened)
        #expect(breaker.admits("probe", terms, at: start + .seconds(60)))
        #expect(breaker.retired("probe", terms, at: start + .seconds(60)) == nil)
        #expect(breaker.answered("probe") == nil)
        #expect(breaker.isOpen)
    }
}

@Suite struct ModelHealthTests {
    private let died = Fact.closed(
        .gemini, Close(1011, "Internal error encountered."), by: .gemini)

    private func health(_ facts: Fact...) -> Ear {
        let health = Ear()
        for fact in [.setUp(model: "models/gemini-3.8-live", vad: .manual)] + facts {
            _ = health.hear(fact)
        }
        return health
    }

    @Test("a connection that dies before any output counts against the model, later ones do not")
    func failed() {
        let new = health()
        #expect(new.model == "gemini-3.8-live")
        #expect(new.hear(died) == .failed)
        #expect(new.hear(died) == .failed)
        #expect(new.hear(.turnEnded(1, .answered)) == .answered)
        #expect(new.hear(died) == nil)
        #expect(new.hear(.turnEnded(2, .answered)) == nil)
    }

    @Test("a handle that gemini refuses to a returning client says nothing about the model")
    func returning() {
        let returned = Ear()
        returned.goesOn()
        _ = returned.hear(.setUp(model: "models/gemini-3.8-live", vad: .manual))
        #expect(returned.hear(died) == nil)
        #expect(returned.hear(.troubled(.stalled(.setupUnanswered), nil)) == nil)
        _ = returned.hear(.setupCompleted(3))
        #expect(returned.hear(died) == .failed)
    }

    @Test(
        "what is not the model's fault does not speak against it",
        arguments: [
            Close(1000, ""), Close(1006, ""), Close(1007, "Invalid value"),
            Close(1011, "You exceeded your current quota"), Close(1008, "API key not valid"),
        ])
    func innocent(_ close: Close) {
        let new = health()
        #expect(new.hear(.closed(.gemini, close, by: .gemini)) == nil)
        #expect(new.hear(.closed(.gemini, Close(1011, "deadline expired"), by: .client)) == nil)
    }

    @Test("a sibling has its own record")
    func sibling() {
        let moved = health(.turnEnded(1, .answered), .fellBack(from: "gemini-3.8-live", to: "s"))
        #expect(moved.model == "s")
        #expect(moved.hear(died) == .failed)
        let gone = Close(1008, "models/s is not found for API version v1beta")
        #expect(moved.hear(.closed(.gemini, gone, by: .gemini)) == .retired)
    }

    @Test("an id that is not written as a resource is the client's mistake, also with a sibling's")
    func misspelled() {
        let ear = Ear()
        _ = ear.hear(.setUp(model: "gemini-3.8-live", vad: .manual))
        let gone = Close(1008, "gemini-3.8-live is not found for API version v1beta")
        #expect(ear.hear(.closed(.gemini, gone, by: .gemini)) == nil)
        _ = ear.hear(.fellBack(from: "gemini-3.8-live", to: "s"))
        #expect(ear.hear(.closed(.gemini, gone, by: .gemini)) == nil)
    }

    @Test("the pace of a nudged or moved turn is reported as such")
    func pace() {
        let new = health(.turnStarted(1, .audio))
        let time = Interval.milliseconds(900)
        #expect(new.hear(.firstAudio(1, after: time)) == .answered)
        #expect(new.hear(.turnEnded(1, .answered)) == .sounded(after: time))
        _ = new.hear(.turnStarted(2, .audio))
        #expect(new.hear(.nudged(turn: 2, .noOutput), at: 4) == .tried)
        #expect(
            new.hear(.firstAudio(2, after: .seconds(5)), at: 5)
                == .soundedLate(wait: .seconds(5), sinceRemedy: .seconds(1), isFirst: false))
        #expect(new.hear(.turnEnded(2, .answered), at: 6) == nil)
        // The new connection started again: only its own time counts.
        _ = new.hear(.turnStarted(3, .audio))
        _ = new.hear(.nudged(turn: 3, .noOutput), at: 14)
        _ = new.hear(.troubled(.stalled(.noOutput), nil), at: 18)
        #expect(
            new.hear(.firstAudio(3, after: .seconds(9)), at: 19)
                == .soundedLate(wait: .seconds(1), sinceRemedy: .seconds(1), isFirst: false))
        _ = new.hear(.turnStarted(4, .audio))
        #expect(new.hear(.firstAudio(4, after: time)) == nil)
        // However it ends, this was its pace.
        #expect(new.hear(.turnEnded(4, .interrupted)) == .sounded(after: time))
        // So does an answer in text.
        _ = new.hear(.turnStarted(5, .text))
        #expect(new.hear(.firstText(5, after: time)) == nil)
        #expect(new.hear(.turnEnded(5, .answered)) == .sounded(after: time))
    }

    @Test("a second answer to a nudged question shows how long the first was in the making")
    func again() {
        let new = health(.turnStarted(1, .audio))
        _ = new.hear(.nudged(turn: 1, .firstReplyNever), at: 4)
        _ = new.hear(.firstAudio(1, after: .seconds(5)), at: 5)
        #expect(new.hear(.turnEnded(1, .answered), at: 6) == nil)
        #expect(
            new.hear(.nudgeEnded(.duplicate), at: 12) == .soundedAgain(after: .seconds(12)))
        // It is seen once, and only on the connection that was nudged.
        #expect(new.hear(.nudgeEnded(.duplicate), at: 13) == nil)
        _ = new.hear(.turnStarted(2, .audio), at: 20)
        _ = new.hear(.nudged(turn: 2, .noOutput), at: 24)
        _ = new.hear(.firstAudio(2, after: .seconds(5)), at: 25)
        _ = new.hear(.turnEnded(2, .answered), at: 26)
        _ = new.hear(.troubled(.goAway, nil), at: 27)
        #expect(new.hear(.nudgeEnded(.duplicate), at: 32) == nil)
        // Where an empty turn was nudged, nobody was slow.
        _ = new.hear(.turnStarted(3, .audio), at: 40)
        _ = new.hear(.nudged(turn: 3, .emptyTurn), at: 41)
        _ = new.hear(.firstAudio(3, after: .seconds(2)), at: 42)
        _ = new.hear(.turnEnded(3, .answered), at: 43)
        #expect(new.hear(.nudgeEnded(.duplicate), at: 44) == nil)
    }

    @Test("a turn with a call is as slow as its longest wait")
    func call() {
        let new = health(.turnStarted(1, .audio))
        func call(after seconds: Int64?) -> Fact {
            .toolCalled(ByteRange(0, 0), calls: 1, after: seconds.map { .seconds($0) })
        }
        // That a call came soon does not mean that what its result leads to will.
        #expect(new.hear(call(after: 1), at: 1) == .answered)
        #expect(new.hear(.firstAudio(1, after: .seconds(9)), at: 30) == nil)
        #expect(new.hear(.turnEnded(1, .answered), at: 31) == .sounded(after: .seconds(9)))
        _ = new.hear(.turnStarted(1, .audio), at: 31)
        #expect(new.hear(call(after: 7), at: 38) == nil)
        #expect(new.hear(.turnEnded(1, .answered), at: 38) == nil)
        _ = new.hear(.turnStarted(2, .tool), at: 39)
        #expect(new.hear(.firstAudio(2, after: .seconds(1)), at: 40) == nil)
        #expect(new.hear(.turnEnded(2, .answered), at: 41) == .sounded(after: .seconds(7)))
        _ = new.hear(.turnStarted(2, .audio), at: 40)
        _ = new.hear(.nudged(turn: 2, .noOutput), at: 44)
        #expect(
            new.hear(call(after: 9), at: 49)
                == .soundedLate(wait: .seconds(9), sinceRemedy: .seconds(5), isFirst: false))
        // It is unknown when a turn began that the service detected by itself.
        _ = new.hear(.turnStarted(3, .none), at: 60)
        #expect(new.hear(call(after: nil), at: 60) == nil)
    }

    @Test("words before a call say nothing of what its result leads to")
    func sentence() {
        let new = health(.turnStarted(1, .audio))
        let call = Fact.toolCalled(ByteRange(0, 0), calls: 1, after: nil)
        #expect(new.hear(.firstAudio(1, after: .seconds(1)), at: 1) == .answered)
        #expect(new.hear(call, at: 2) == nil)
        _ = new.hear(.nudged(turn: 1, .toolResultIgnored), at: 6)
        #expect(
            new.hear(.firstAudio(1, after: .seconds(9)), at: 11)
                == .soundedLate(wait: .seconds(9), sinceRemedy: .seconds(5), isFirst: false))
        #expect(new.hear(.turnEnded(1, .answered), at: 12) == nil)
        // From then on it is left alone, and its pace is that after the result.
        _ = new.hear(.turnStarted(2, .audio), at: 20)
        #expect(new.hear(.firstAudio(2, after: .seconds(1)), at: 21) == nil)
        #expect(new.hear(call, at: 22) == nil)
        #expect(new.hear(.firstAudio(2, after: .seconds(9)), at: 31) == nil)
        #expect(new.hear(.turnEnded(2, .answered), at: 32) == .sounded(after: .seconds(9)))
        // The same where the turn ends at the call.
        _ = new.hear(.turnStarted(3, .audio), at: 40)
        #expect(new.hear(.firstAudio(3, after: .seconds(1)), at: 41) == nil)
        #expect(new.hear(call, at: 42) == nil)
        #expect(new.hear(.turnEnded(3, .answered), at: 42) == nil)
        _ = new.hear(.turnStarted(4, .tool), at: 43)
        #expect(new.hear(.firstAudio(4, after: .seconds(8)), at: 51) == nil)
        #expect(new.hear(.turnEnded(4, .answered), at: 52) == .sounded(after: .seconds(8)))
    }

    @Test(
        "a turn whose connection was lost, or that was answered emptily, says nothing of the pace",
        arguments: [
            Fact.troubled(.closed(.internalError), nil), .troubled(.dead, nil),
            .nudged(turn: 2, .emptyTurn), .troubled(.stalled(.wedged), nil),
        ])
    func tainted(_ trouble: Fact) {
        let new = health(.turnEnded(1, .answered), .turnStarted(2, .audio))
        _ = new.hear(trouble, at: 1)
        #expect(new.hear(.firstAudio(2, after: .seconds(3)), at: 3) == nil)
        #expect(new.hear(.turnEnded(2, .answered), at: 4) == nil)
    }

    @Test("nor does a call in such a turn, for the turn that its result begins")
    func taintedCall() {
        let new = health(.turnEnded(1, .answered), .turnStarted(2, .audio))
        _ = new.hear(.troubled(.dead, nil), at: 1)
        _ = new.hear(.toolCalled(ByteRange(0, 0), calls: 1, after: .seconds(9)), at: 9)
        _ = new.hear(.turnEnded(2, .answered), at: 9)
        _ = new.hear(.turnStarted(3, .tool), at: 10)
        _ = new.hear(.firstAudio(3, after: .seconds(1)), at: 11)
        #expect(new.hear(.turnEnded(3, .answered), at: 12) == .sounded(after: .seconds(1)))
    }
}

/// A value that changes in the middle of an expectation.
private final class Box {
    private(set) var value = Breaker()
    var isOpen: Bool { value.isOpen }

    func admits(_ session: String, _ terms: Policy.Breaker, at now: Instant) -> Bool {
        value.admits(session, terms, at: now)
    }
    func failed(_ session: String, _ terms: Policy.Breaker, at now: Instant) -> Breaker.Change? {
        value.failed(session, terms, at: now)
    }
    func retired(_ session: String, _ terms: Policy.Breaker, at now: Instant) -> Breaker.Change? {
        value.retired(session, terms, at: now)
    }
    func answered(_ session: String) -> Breaker.Change? { value.answered(session) }
}

private final class Ear {
    private var health = ModelHealth()
    var model: String { health.model }

    func goesOn() { health.goesOn() }

    func hear(_ fact: Fact, at seconds: Int64 = 0) -> ModelHealth.Finding? {
        health.hear(fact, at: Instant(nanoseconds: 0) + .seconds(seconds))
    }
}
