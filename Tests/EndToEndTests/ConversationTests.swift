import Basics
import Fixtures
import SimulatedGemini
import SimulatorServer
import Testing
import Wire

@Suite struct ConversationTests {
    @Test(
        "a spoken turn is answered, in manual detection, over ws and wss", arguments: [false, true])
    func manual(isSecure: Bool) throws {
        let fixture = try ProxyFixture(scenario: .brisk) { $0.tls = .automatic }
        defer { fixture.stop() }
        let client = try fixture.client(isSecure: isSecure)
        #expect(client.setUp(.manual))
        for number in 1...3 { #expect(client.turn(number)) }
        #expect(client.reply().audio > .zero)
        client.close()
        #expect(client.waitForEnding() == .closed(1000, ""))

        let record = try fixture.waitForRecord { $0.conversations.first?.heard.closes.count == 1 }
        #expect(record.violations.isEmpty)
        let heard = try #require(record.conversations.first).heard
        #expect(
            heard.turns.map(\.sound.hash)
                == (1...3).map { hash([[UInt8]](repeating: tone($0), count: 5)) })
        #expect(heard.turns.allSatisfy { $0.outcome == .answered })
    }

    @Test("gemini finds the end of speech itself, over ws and wss", arguments: [false, true])
    func automatic(isSecure: Bool) throws {
        let fixture = try ProxyFixture(scenario: .brisk) { $0.tls = .automatic }
        defer { fixture.stop() }
        let client = try fixture.client(isSecure: isSecure)
        #expect(client.setUp(.automatic))
        // Speech, then the silence by which the service knows that it is over.
        client.speak(tone(1, milliseconds: 600), pace: .milliseconds(20))
        for _ in 0..<30 where client.turnsCompleted() == 0 {
            client.send(audio: [UInt8](repeating: 0, count: LiveClient.frame))
            Polling.sleep(.milliseconds(100))
        }
        #expect(client.wait { $0.content.contains(.turnComplete) })
        let record = try fixture.record()
        #expect(record.violations.isEmpty)
        #expect(try #require(record.conversations.first).heard.turns.first?.input == .speech)
    }

    @Test("typed text is answered, and the session has a name")
    func typed() throws {
        let fixture = try ProxyFixture(scenario: .brisk)
        defer { fixture.stop() }
        let client = try fixture.client()
        #expect(client.setUp(.automatic))
        client.say("Hello")
        #expect(client.wait { $0.content.contains(.turnComplete) })
        #expect(try fixture.record().violations.isEmpty)
    }

    @Test("input before setupComplete is heard complete and in order after it")
    func early() throws {
        let fixture = try ProxyFixture(scenario: .brisk)
        defer { fixture.stop() }
        let client = try fixture.client()
        #expect(client.waitUntilOpen())
        client.send(LiveClient.setup(.manual))
        #expect(client.turn(7))
        let record = try fixture.record()
        #expect(record.violations.isEmpty)
        #expect(record.conversations.first?.heard.turns.first?.sound.turns == [7])
    }

    @Test(
        "a microphone track that dies in an open activity is answered, and its late end is harmless"
    )
    func deadTrack() throws {
        let fixture = try ProxyFixture(scenario: .brisk, policy: "turns: { dead_air: 1s }")
        defer { fixture.stop() }
        let client = try fixture.client()
        #expect(client.setUp(.manual))
        client.startActivity()
        for _ in 0..<5 { client.send(audio: tone(1)) }
        // No end comes from the client; the answer must come all the same.
        #expect(client.wait { $0.content.contains(.turnComplete) })

        // The track comes back for a moment, and the client says its end at last.
        let start = client.messageCount
        for _ in 0..<5 { client.send(audio: tone(2)) }
        client.endActivity()
        #expect(client.wait(from: start) { $0.content.contains(.turnComplete) })
        client.endActivity()
        #expect(client.turn(3))

        let record = try fixture.record()
        #expect(record.violations.isEmpty)
        let turns = try #require(record.conversations.first).heard.turns
        #expect(turns.map(\.sound.turns) == [[1], [2], [3]])
    }

    @Test("a second setup ends the session with 1007, and gemini never sees it")
    func secondSetup() throws {
        let fixture = try ProxyFixture(scenario: .brisk)
        defer { fixture.stop() }
        let client = try fixture.client()
        #expect(client.setUp(.manual))
        client.send(LiveClient.setup(.manual))
        guard case .closed(let code, let reason)? = client.waitForEnding() else {
            Issue.record("not closed")
            return
        }
        #expect(code == 1007)
        #expect(reason.hasPrefix("turnkeeper: setup was already sent"))
        #expect(try fixture.record().violations.isEmpty)
    }
}
