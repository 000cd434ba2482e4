import Basics
import Fixtures
import Manual
import Proxy
import SimulatedGemini
import SimulatorServer
import Speech

extension Commands {
    static func demo(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        if let name = arguments["scenario"], Story.names.contains(name) {
            return try play(name, arguments)
        }
        let scenario: Scenario
        switch try ScenarioChoice.read(arguments) {
        case .success(let found): scenario = found
        case .failure(let complaints):
            for complaint in complaints.list { Output.error("\(complaint)") }
            return 2
        }
        do {
            return try Demonstration(scenario).run() ? 0 : 1
        } catch {
            Output.error("turnkeeper: \(error)")
            return 1
        }
    }
}

/// A spoken conversation with every ordering fault that clients are known for, through a proxy, to
/// a service that forgives none of them.
struct Demonstration {
    private let lanes = TimelinePrinter()
    private let fixture: ProxyFixture
    private let client: LiveClient
    private let voice: Voice

    /// How long to wait for an answer: the slowest family's, played back, with time to spare.
    private static let patience = Interval.seconds(15)

    init(_ scenario: Scenario) throws {
        var scenario = scenario
        // Nobody listens, so answers need not take as long as they play.
        scenario.playback = min(scenario.playback, 0.2)
        scenario.latency = min(scenario.latency, 0.4)
        voice = Voice.recorded ?? .tones
        let lanes = lanes
        fixture = try ProxyFixture(scenario: scenario, voice: voice) { options in
            options.onTimeline = { _, entry in lanes.add(entry) }
        }
        client = try fixture.client()
    }

    /// Whether all went well.
    func run() throws -> Bool {
        defer { fixture.stop() }
        Output.result(
            "A client with every known ordering fault talks to a strict Gemini, with manual turns.\n"
        )
        lanes.begin()
        var answered = 0
        for (number, scene) in DemoScene.all.enumerated() {
            lanes.announce("\(number + 1). \(scene.title)")
            guard client.ending == nil else { break }
            let start = client.messageCount
            scene.play(client, voice)
            if scene.isAnswered {
                // This waits for the client's own view: an answer that reached its end.
                _ = Polling.wait(Self.patience) { () -> Bool? in
                    client.turnsCompleted(from: start) > 0 || client.ending != nil ? true : nil
                }
                if client.turnsCompleted(from: start) > 0 { answered += 1 }
                scene.after(client)
            }
        }
        _ = client.waitForEnding(.seconds(5))
        lanes.finish()
        return try sumUp(answered)
    }

    private func sumUp(_ answered: Int) throws -> Bool {
        let wanted = DemoScene.all.count { $0.isAnswered }
        let violations = try fixture.record().violations
        Output.result("\nPrevented:")
        for (what, count) in lanes.prevented {
            Output.result("  \(TimelinePrinter.pad("\(count)", 4)) \(what)")
        }
        Output.result(
            "\nAnswered: \(answered) of \(wanted) turns.  What Gemini saw of the faults: "
                + (violations.isEmpty ? "nothing." : "\(violations.count) violations."))
        for violation in violations.prefix(10) {
            Output.result("  \(violation.kind.rawValue) \(violation.detail)")
        }
        if let ending = client.ending, case .closed(let code, let reason) = ending {
            Output.result("The client was told at the end: \(code) \(reason)")
        }
        return violations.isEmpty && answered == wanted
    }
}

/// One fault, as a client commits it.
struct DemoScene: Sendable {
    var title: String
    var isAnswered = true
    var play: @Sendable (LiveClient, Voice) -> Void
    /// What it does after it was answered.
    var after: @Sendable (LiveClient) -> Void = { _ in }

    private static func phrase(_ number: Int, _ voice: Voice) -> [UInt8] {
        number < voice.user.count ? voice.user[number].pcm : [UInt8](repeating: 8, count: 48_000)
    }

    static let all = [
        DemoScene(title: "It speaks before setupComplete.") { client, voice in
            guard client.waitUntilOpen() else { return }
            client.send(LiveClient.setup(.manual))
            client.startActivity()
            client.speak(phrase(0, voice))
            client.endActivity()
        },
        DemoScene(title: "Its audio loop continues for 600 ms after activityEnd.") {
            client, voice in
            client.startActivity()
            client.speak(phrase(1, voice))
            client.endActivity()
            client.speak([UInt8](repeating: 6, count: 6 * LiveClient.frame))
        },
        DemoScene(title: "It sends buffered audio before activityStart.") {
            client, voice in
            client.speak([UInt8](repeating: 6, count: 5 * LiveClient.frame), pace: .zero)
            client.startActivity()
            client.speak(phrase(0, voice))
            client.endActivity()
        },
        DemoScene(title: "It sends every boundary twice.") { client, voice in
            client.startActivity()
            client.startActivity()
            client.speak(phrase(3, voice))
            client.endActivity()
            client.endActivity()
        },
        DemoScene(title: "It sends audioStreamEnd, which is not allowed in manual turns.") {
            client, voice in
            client.startActivity()
            client.speak(phrase(1, voice))
            client.endStream()
            client.endActivity()
            client.endStream()
        },
        DemoScene(title: "It sends start and end with nothing in between.", isAnswered: false) {
            client, _ in
            client.startActivity()
            client.endActivity()
            // Silence gets no answer; the service would have ended an empty pair at once.
            Polling.sleep(.seconds(1))
        },
        DemoScene(
            title: "Its microphone track dies in the middle of a turn.",
            play: { client, voice in
                client.startActivity()
                client.speak(phrase(0, voice))
            }, after: { $0.endActivity() }),
        DemoScene(title: "It says goodbye properly.") { client, voice in
            client.startActivity()
            client.speak(phrase(5, voice))
            client.endActivity()
        },
        DemoScene(title: "It sends a second setup on the same connection.", isAnswered: false) {
            client, _ in client.send(LiveClient.setup(.manual))
        },
    ]
}
