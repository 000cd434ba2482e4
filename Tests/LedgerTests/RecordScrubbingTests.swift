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
            var note = Note(
                id: "breaker-acme-\(text)", tenant: "acme", event: "breaker", at: moment, most: 9)
            note.body = "\"breaker\":{\"model\":\"\(text)\"}"
            var ending = Record.Ending(
                session: "s", tenant: "acme", model: text, started: moment,
                ended: moment, outcome: "completed", closeCode: 1000, closeReason: text)
            ending.endUser = text
            ending.notes = [note]
            return [
                .policyLoaded(tenant: "acme", at: moment, text: "notify: \(text)"),
                .sessionOpened(id: "s", tenant: "acme", at: moment, endUser: text),
                .toolCall(
                    .init(session: "s", id: text, name: text, called: moment, outcome: .open)),
                .noted(note),
                .returnKept(
                    .init(
                        digest: "d", tenant: "acme", session: "s", model: text, tools: 0,
                        handle: text, transcript: "", cost: 0, tokens: 0, ended: moment)),
                .modelNamed(session: "s", model: text),
                .connectionOpened(
                    .init(session: "s", number: 1, opened: moment, resumed: false, model: text)),
                .connectionClosed(session: "s", number: 1, at: moment, code: 1008, reason: text),
                .receipt(session: "s", turn: 1, at: moment, json: "{\"a\":\"\(text)\"}"),
                .event(
                    .init(session: "s", at: .zero, what: "set_up", lane: "client", text: text)),
                .sessionEnded(ending),
            ]
        }
        #expect(records(quoted).map { $0.scrubbed(scrubber) } == records(clean))
        #expect(records("as before").map { $0.scrubbed(scrubber) } == records("as before"))
    }

    @Test("of a value that gemini broke off in a call's name or id, the beginning goes, too")
    func cutOff() {
        let call = Record.ToolCall(
            session: "s", id: String(secret.prefix(12)), name: "f-\(secret.prefix(12))",
            called: moment, outcome: .lost)
        var clean = call
        (clean.id, clean.name) = ("[redacted]", "f-[redacted]")
        #expect(Record.toolCall(call).scrubbed(scrubber) == .toolCall(clean))
    }

    @Test("what is said stays as it was said")
    func conversation() {
        var spoken: [Record] = ["input_transcription", "output_transcription"].map {
            .event(.init(session: "s", at: .zero, what: $0, lane: "client", text: secret))
        }
        var call = Record.ToolCall(
            session: "s", id: "c1", name: "find", called: moment, outcome: .answered,
            arguments: "{\"q\":\"\(secret)\"}")
        call.result = call.arguments
        spoken.append(.toolCall(call))
        #expect(spoken.map { $0.scrubbed(scrubber) } == spoken)
    }
}
