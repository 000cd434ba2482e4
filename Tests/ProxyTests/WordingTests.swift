import Policies
import Sessions
import Testing

@testable import Proxy

@Suite("How a timeline words what happened")
struct WordingTests {
    private func words(_ fact: Fact) -> String? {
        FactDescription.describe(fact, payload: Span(), transcripts: false)?.text
    }

    @Test("one is not several")
    func numbers() {
        #expect(
            words(.replayed(messages: 1, audio: .zero, missing: .zero))
                == "1 message replayed, 0 ms of audio")
        #expect(
            words(.replayed(messages: 2, audio: .zero, missing: .zero))
                == "2 messages replayed, 0 ms of audio")
        #expect(words(.contextRestored(1)) == "restored the conversation, 1 turn")
        #expect(words(.inputHeld(messages: 1)) == "1 message waited for the new connection")
        #expect(words(.toolResultsDropped(1)) == "1 result for dead calls dropped")
        #expect(words(.callRemembered(1)) == "1 repeated call, not run again")
        #expect(
            words(.picturesReplaced(1)) == "1 held picture dropped, for newer ones or for room")
        #expect(
            words(.unparked(after: .zero, messages: 1, missing: .zero))
                == "the client is back after 0 ms, 1 message kept for it")
    }

    @Test("what is no limit is not reached")
    func limits() {
        #expect(words(.limitReached(.model)) == "the model is not in models.allow")
        #expect(words(.limitReached(.ending)) == "an operator has ended the session")
        #expect(words(.limitReached(.session)) == "limits.session is reached")
        #expect(words(.limitReached(.dayUSD)) == "budget.day_usd is used up")
        // Each names its key, by which the policy is searched.
        for limit in Limit.allCases where limit != .ending {
            #expect(words(.limitReached(limit))?.contains(limit.rawValue) == true)
        }
    }
}
