import Basics
import SimulatedGemini
import Testing
import Wire

@Suite struct ResumptionTests {
    private let resumable = Caller.manual + #","sessionResumption":{}"#

    private func resuming(_ handle: String) -> String {
        Caller.manual + #","sessionResumption":{"handle":"\#(handle)"}"#
    }

    private func first(_ service: SimulatedService) -> Caller {
        let caller = Caller(service)
        caller.setUp("gemini-3.1-flash-live-preview", resumable)
        caller.speak(turn: 1)
        caller.wait(.seconds(5))
        return caller
    }

    private func second(_ service: SimulatedService, _ handle: String, at now: Int64 = 60) -> Caller
    {
        let caller = Caller(service, at: Instant(nanoseconds: now * 1_000_000_000))
        caller.setUp("gemini-3.1-flash-live-preview", resuming(handle))
        return caller
    }

    @Test("a resumed conversation continues counting")
    func resume() throws {
        let service = SimulatedService(seed: 1)
        let first = first(service)
        first.hangUp()
        let second = second(service, try #require(first.handle))
        second.speak(turn: 2)
        second.wait(.seconds(5))
        #expect(
            second.replies == [" This is answer number one.", " This is answer number two."]
                || second.heard.turns.count == 2)
        #expect(service.conversations.count == 1)
        #expect(service.conversations[0].connections == 2)
        #expect(second.heard.turns.map(\.sound.turns) == [[1], [2]])
        #expect(service.conversations[0].remembered == [1, 2])
    }

    @Test("input that a handle does not cover is forgotten, and heard again as a second attempt")
    func rollback() throws {
        let service = SimulatedService(seed: 2)
        let first = first(service)
        let handle = try #require(first.handle)
        first.speak(turn: 2)
        first.hangUp(.abnormal)
        #expect(first.outcomes == [.answered, .cut])
        let second = second(service, handle)
        second.speak(turn: 2)
        second.wait(.seconds(5))
        #expect(second.outcomes == [.answered, .cut, .answered])
        #expect(second.heard.turns.map(\.attempt) == [0, 0, 1])
        #expect(service.conversations[0].remembered == [1, 3])
    }

    @Test("a resume while the old connection is open is refused with 1011")
    func stillOpen() throws {
        let service = SimulatedService(seed: 3)
        let first = first(service)
        let second = second(service, try #require(first.handle))
        #expect(second.close == Close(1011, "Internal error encountered."))
        #expect(first.violations == [.sessionStillOpen])
    }

    @Test("unknown, expired and foreign handles")
    func badHandles() throws {
        let service = SimulatedService(seed: 4)
        #expect(second(service, "h").close == Close(1008, "BidiGenerateContent session not found"))
        let first = first(service)
        let handle = try #require(first.handle)
        first.hangUp()
        let other = Caller(service, at: Instant(nanoseconds: 60_000_000_000))
        other.setUp("gemini-3.8-live", resuming(handle))
        #expect(other.close?.code == 1007)
        let late = second(service, handle, at: 7300)
        #expect(late.close == Close(1008, "BidiGenerateContent session not found"))
    }

    @Test("repeated history after a resume closes the connection on 3.1")
    func reseeding() throws {
        let service = SimulatedService(seed: 5)
        let first = first(service)
        first.hangUp()
        let second = second(service, try #require(first.handle))
        second.content("history")
        #expect(second.violations == [.contentNotAllowed])
    }
}
