import Basics
import SimulatedGemini
import Testing
import Wire

@Suite struct FaultTests {
    private let place = Place(file: "bad-day.yaml", line: 1, column: 1)

    private func scalar(_ text: String) -> Tree { .scalar(text, place, quoted: false) }

    private func mapping(_ members: [(String, Tree)]) -> Tree {
        .mapping(members.map { (key: $0.0, keyPlace: place, value: $0.1) }, place)
    }

    /// A conversation of two spoken turns under one fault.
    private func play(_ name: String, _ options: [(String, Tree)] = []) throws -> Caller {
        let tree = mapping([
            ("name", scalar("test")),
            ("faults", .sequence([mapping([(name, mapping(options))])], place)),
        ])
        let caller = Caller(SimulatedService(seed: 1, scenario: try Scenario(tree)))
        caller.setUp(
            "gemini-3.1-flash-live-preview", Caller.manual + #","inputAudioTranscription":{}"#)
        caller.wait(.seconds(5))
        for turn in 1...2 where caller.close == nil {
            caller.speak(turn: turn)
            caller.wait(.seconds(10))
        }
        return caller
    }

    @Test("internal-error strikes only the first attempt when told so")
    func internalError() throws {
        let caller = try play("internal-error", [("turns", scalar("2"))])
        #expect(caller.close == Close(1011, "Internal error encountered."))
        #expect(caller.outcomes == [.answered, .cut])
    }

    @Test("empty-turn completes without a sound")
    func emptyTurn() throws {
        let caller = try play("empty-turn", [("times", scalar("1"))])
        #expect(caller.outcomes == [.answered, .answered])
        #expect(caller.heard.turns[0].replyBytes == 0)
        #expect(caller.heard.turns[1].replyBytes > 0)
    }

    @Test("end-ignored says nothing until it is nudged")
    func endIgnored() throws {
        let caller = try play("end-ignored", [("turns", scalar("2")), ("times", scalar("1"))])
        #expect(caller.outcomes == [.answered, .unanswered])
        caller.text(" ")
        caller.wait(.seconds(5))
        #expect(caller.outcomes == [.answered, .answered])
    }

    @Test("freeze goes dead and comes back")
    func freeze() throws {
        let caller = try play("freeze", [("turns", scalar("2")), ("for", scalar("60s"))])
        #expect(caller.isPaused)
        #expect(caller.outcomes == [.answered, .unanswered])
        caller.wait(.seconds(60))
        #expect(!caller.isPaused)
        #expect(caller.outcomes == [.answered, .answered])
    }

    @Test("slow-setup and go-away keep their times")
    func times() throws {
        let slow = try play("slow-setup", [("delay", scalar("3s"))])
        #expect(slow.messages[0].at > .seconds(3))
        let away = try play("go-away", [("after", scalar("10s")), ("time_left", scalar("5s"))])
        #expect(away.story.contains("goAway"))
        #expect(away.close?.code == 1008)
    }

    @Test("a scenario file is read strictly")
    func strictReading() {
        let cases: [(Tree, String)] = [
            (mapping([("nmae", scalar("x"))]), "'scenario' has no key 'nmae'"),
            (mapping([("playback", scalar("fast"))]), "expected a number from 0.0 to 10.0"),
            (mapping([("extends", scalar("no"))]), "there is no scenario 'no'"),
            (
                mapping([
                    (
                        "faults",
                        .sequence([mapping([("freeze", mapping([("fro", scalar("1s"))]))])], place)
                    )
                ]),
                "'freeze' has no key 'fro'"
            ),
            (
                mapping([
                    (
                        "faults",
                        .sequence([mapping([("freeze", mapping([("for", scalar("1"))]))])], place)
                    )
                ]),
                "expected a duration such as 300ms, 1.2s or 10m"
            ),
        ]
        for (tree, message) in cases {
            #expect(throws: Complaint(place, message)) { try Scenario(tree) }
        }
    }

    @Test("every fault has a scenario of its name")
    func builtIn() {
        for fault in Scenario.faultCatalogue {
            #expect(Scenario.named(fault.name) != nil)
        }
        for name in ["healthy", "strict", "lenient", "quick"] {
            #expect(Scenario.builtInNames.contains(name))
        }
    }
}
