import Basics
import Fixtures
import SimulatedGemini
import SimulatorServer
import Testing
import Wire

/// What a client without any sense of order says, and what of it is a turn.
private struct Sequence {
    enum Step { case start, end, audio([UInt8]), streamEnd }

    var steps: [Step] = []
    /// The frames of each turn, in order.
    var turns: [[[UInt8]]] = []

    /// Random steps, all of them equally likely, then a last turn that names the sequence.
    init(_ number: Int, _ random: inout SeededRandom) {
        var open: [[UInt8]]?
        for _ in 0..<Int.random(in: 1...24, using: &random) {
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                steps.append(.start)
                if open == nil { open = [] }
            case 1: finish(&open)
            case 2: steps.append(.streamEnd)
            default:
                let frame = (0..<320).map { _ in UInt8.random(in: 0...255, using: &random) }
                steps.append(.audio(frame))
                open?.append(frame)
            }
        }
        finish(&open)
        steps.append(.start)
        let name = tone(number % 8000, milliseconds: 20)
        steps.append(.audio(name))
        open = [name]
        finish(&open)
    }

    private mutating func finish(_ open: inout [[UInt8]]?) {
        steps.append(.end)
        guard let frames = open else { return }
        // An activity without audio gets 100 ms of silence.
        turns.append(frames.isEmpty ? [[UInt8](repeating: 0, count: LiveClient.frame)] : frames)
        open = nil
    }
}

@Suite struct IllegalSequenceTests {
    @Test(
        "of 1,000 random sequences gemini hears every real turn once, in order, and nothing illegal"
    )
    func thousand() throws {
        let seed: UInt64 = 0x5EED
        // Nothing here may depend on how fast this machine is today.
        let policy = """
            turns: { dead_air: 10s }
            stalls: { soft: off, hard: off }
            recovery: { attempts: 0 }
            """
        let fixture = try ProxyFixture(scenario: .brisk, policy: policy) {
            $0.workers = 2
        }
        defer { fixture.stop() }
        var random = SeededRandom(seed: seed)
        let sequences = (0..<1000).map { Sequence($0, &random) }
        for start in stride(from: 0, to: sequences.count, by: 50) {
            try play(sequences[start..<start + 50], on: fixture, &random)
        }
        let record = try fixture.waitForRecord { record in
            record.conversations.allSatisfy { $0.heard.closes.count == 1 }
        }
        #expect(record.violations.isEmpty, "seed \(seed)")
        #expect(record.conversations.count == sequences.count)
        var heard: [UInt64: [UInt64]] = [:]
        for conversation in record.conversations {
            let turns = conversation.heard.turns.map(\.sound.hash)
            if let name = turns.last { heard[name] = turns }
        }
        for (number, sequence) in sequences.enumerated() {
            let wanted = sequence.turns.map(hash)
            #expect(heard[wanted[wanted.count - 1]] == wanted, "sequence \(number) of seed \(seed)")
        }
    }

    /// Plays some at once; half of them do not wait for `setupComplete` either.
    private func play(
        _ sequences: ArraySlice<Sequence>, on fixture: ProxyFixture, _ random: inout SeededRandom
    ) throws {
        let clients = try sequences.map { _ in
            // One after the other: a connection may be without a setup for ten seconds only.
            let client = try fixture.client()
            #expect(client.waitUntilOpen())
            client.send(LiveClient.setup(.manual))
            if random.chance(0.5) { #expect(client.wait { $0.members.contains(.setupComplete) }) }
            return client
        }
        for (client, sequence) in zip(clients, sequences) {
            for step in sequence.steps {
                switch step {
                case .start: client.startActivity()
                case .end: client.endActivity()
                case .streamEnd: client.endStream()
                case .audio(let pcm): client.send(audio: pcm)
                }
            }
        }
        for client in clients {
            #expect(client.wait(.seconds(60)) { $0.content.contains(.turnComplete) })
            client.close()
        }
        for client in clients { #expect(client.waitForEnding() == .closed(1000, "")) }
    }
}
