import Basics
import Testing
import Usage

@testable import Ledger

@Suite("Records without credentials") struct RecordScrubbingTests {
    private let secret = "AIzaSyD-the-company-s-key"
    private var scrubber: Scrubber { Scrubber([secret]) }
    private let moment = WallTime(nanoseconds: 0)

    @Test("control text of every kind of record loses the value; nothing else changes")
    func control() {
        let quoted = "Consumer api_key:\(secret)"
        let clean = "Consumer api_key:[redacted]"
        func records(_ text: String) -> [Record] {
            [
                .modelNamed(session: "s", model: text),
                .connectionOpened(
                    .init(session: "s", number: 1, opened: moment, resumed: false, model: text)),
                .connectionClosed(session: "s", number: 1, at: moment, code: 1008, reason: text),
                .receipt(session: "s", turn: 1, at: moment, json: "{\"a\":\"\(text)\"}"),
                .event(
                    .init(session: "s", at: .zero, what: "set_up", lane: "client", text: text)),
                .sessionEnded(
                    .init(
                        session: "s", tenant: "acme", model: text, started: moment,
                        ended: moment, outcome: "completed", closeCode: 1000, closeReason: text)),
            ]
        }
        #expect(records(quoted).map { $0.scrubbed(scrubber) } == records(clean))
        #expect(records("as before").map { $0.scrubbed(scrubber) } == records("as before"))
    }

    @Test("what is said stays as it was said")
    func conversation() {
        let spoken: [Record] = ["input_transcription", "output_transcription"].map {
            .event(.init(session: "s", at: .zero, what: $0, lane: "client", text: secret))
        }
        #expect(spoken.map { $0.scrubbed(scrubber) } == spoken)
    }
}
