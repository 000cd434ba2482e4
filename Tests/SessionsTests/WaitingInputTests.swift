import Basics
import Policies
import Testing
import Wire

@testable import Sessions

/// Input that waits: pictures go before a word is lost, and close nobody.
@Suite struct WaitingInputTests {
    /// A session that talks, driven by the words of a story.
    private final class Talk {
        private let session: SessionBox
        private var connection: ConnectionID = 0
        private(set) var now = Instant(nanoseconds: 0)
        /// The client's messages that gemini was sent since `forget`.
        private(set) var sent: [[UInt8]] = []
        private(set) var facts: [Fact] = []
        private(set) var isClosed = false

        init(_ setup: String, _ policy: Policy = Policy()) throws {
            session = SessionBox(policy, "", false, false, false)
            for line in [
                "client opens", "gemini opens", "client setup \(setup)", "gemini setup-complete",
            ] {
                try take(line)
            }
        }

        func forget() { (sent, facts) = ([], []) }

        func take(_ line: String, after wait: Interval = .milliseconds(10)) throws {
            let end = now + wait
            while let due = session.deadline, due <= end {
                now = max(now, due)
                note(session.handle(.wokeUp, [], now), [])
            }
            now = end
            guard
                let (event, payload) = try StoryInput.read(
                    line[...], dialed: connection, used: connection)
            else { return }
            note(session.handle(event, payload, now), payload)
        }

        private func note(_ actions: [Action], _ payload: [UInt8]) {
            for action in actions {
                switch action {
                case .dial(let dialed): connection = dialed
                case .send(.gemini, let bytes, _): sent.append(bytes)
                case .forward: sent.append(payload)
                case .note(let fact): facts.append(fact)
                case .close(.client, _): isClosed = true
                default: break
                }
            }
        }

        func back() throws {
            for line in ["gemini opens", "gemini setup-complete", "nothing"] {
                try take(line, after: .milliseconds(200))
            }
        }

        /// How much sound gemini was sent.
        var sound: Interval {
            sent.reduce(.zero) { sum, bytes in
                sum + ((try? ClientMessage.scan(bytes.span))?.audioDuration ?? .zero)
            }
        }

        var texts: [String] { sent.map { String(decoding: $0, as: UTF8.self) } }

        var dropped: Interval {
            facts.reduce(.zero) { sum, fact in
                if case .inputDropped(let audio) = fact { sum + audio } else { sum }
            }
        }
    }

    private static func picture(_ letter: String, _ count: Int) -> String {
        #"{"mimeType":"image/jpeg","data":"\#(String(repeating: letter, count: count))"}"#
    }

    /// A tenth of a second of a voice.
    private static let piece = String(repeating: "BwcH", count: 1067)
    private static let sound = #"{"mimeType":"audio/pcm;rate=16000","data":"\#(piece)"}"#

    @Test func `of a shared screen with a field of the future only the newest picture waits`()
        throws
    {
        let talk = try Talk("manual")
        try talk.take("gemini closes 1011 gone")
        talk.forget()
        for letter in ["A", "B", "C", "D", "E", "F", "G", "H", "I"] {
            let video = Self.picture(letter, 600_000)
            try talk.take(
                #"client sends {"realtimeInput":{"video":\#(video),"x":"\#(letter)"}}"#,
                after: .seconds(1))
        }
        #expect(!talk.isClosed)
        try talk.back()
        let waited = talk.texts.dropFirst()
        #expect(waited.count == 9)
        #expect(waited.dropLast().first == #"{"realtimeInput":{"x":"A"}}"#)
        #expect(waited.dropLast().allSatisfy { $0.utf8.count < 100 })
        #expect(waited.last?.contains("IIII") ?? false)
        #expect(talk.facts.contains(.picturesReplaced(8)))
    }

    @Test(arguments: [false, true])
    func `sound beside pictures outlives them`(isInChunks: Bool) throws {
        let talk = try Talk("automatic gemini-2.5-flash-native-audio-preview-12-2025")
        try talk.take("gemini closes 1011 gone")
        talk.forget()
        for _ in 0..<90 {
            let picture = Self.picture("A", 67_000)
            let input =
                isInChunks
                ? #""mediaChunks":[\#(Self.sound),\#(picture)]"#
                : #""audio":\#(Self.sound),"video":\#(picture)"#
            try talk.take(#"client sends {"realtimeInput":{\#(input)}}"#, after: .milliseconds(100))
        }
        #expect(!talk.isClosed && talk.dropped == .zero)
        try talk.back()
        #expect(talk.sound >= .seconds(9))
        #expect(talk.texts.count { $0.contains("image/jpeg") } == 1)
        #expect(talk.facts.contains(.picturesReplaced(89)))
    }

    /// `recovery.hold_audio` is one limit for what gemini has heard already, which would be said
    /// again, and for what waits for it.
    @Test(arguments: [(0, 130), (60, 50), (60, 80), (130, 5)])
    func `of a long turn as much is said to the next connection as the policy holds`(
        before: Int, meanwhile: Int
    ) throws {
        var policy = Policy()
        policy.recovery.holdAudio = .seconds(12)
        let talk = try Talk("manual", policy)
        try talk.take("client start")
        for _ in 0..<before { try talk.take("client audio 100ms", after: .milliseconds(100)) }
        talk.forget()
        try talk.take("gemini closes 1011 gone")
        for _ in 0..<meanwhile { try talk.take("client audio 100ms") }
        try talk.back()
        try talk.take("client end", after: .seconds(60))
        #expect(talk.sound == .milliseconds(100) * Int64(min(120, before + meanwhile)))
        // What is gone of each is told, and once.
        let missing = talk.facts.map { fact -> Interval in
            if case .replayed(_, _, let missing) = fact { missing } else { .zero }
        }
        let told = talk.dropped + (missing.max() ?? .zero)
        #expect(told == .milliseconds(100) * Int64(max(0, before + meanwhile - 120)))
        #expect(talk.texts.contains(#"{"realtimeInput":{"activityEnd":{}}}"#))
    }

    @Test func `words beside a picture outlive it`() throws {
        let talk = try Talk("automatic")
        try talk.take(
            #"client sends {"realtimeInput":{"video":\#(Self.picture("A", 40)),"text":"Look."}}"#)
        try talk.take(#"client sends {"realtimeInput":{"video":\#(Self.picture("B", 40))}}"#)
        talk.forget()
        try talk.take("gemini closes 1011 gone")
        try talk.back()
        let again = talk.texts.dropFirst()
        #expect(again.contains(#"{"realtimeInput":{"text":"Look."}}"#))
        #expect(again.contains { $0.contains("BBBB") } && !again.contains { $0.contains("AAAA") })
    }

    /// A tool takes eight seconds, and the client sends recorded speech much faster.
    @Test(arguments: [30, 110])
    func `what is said during a call is kept as long as anything is`(seconds: Int) throws {
        let talk = try Talk("manual gemini-2.5-flash-native-audio-preview-12-2025")
        try talk.take("client text Run it.")
        try talk.take("gemini calls f as a-1")
        talk.forget()
        try talk.take("client start")
        for _ in 0..<seconds * 10 {
            try talk.take(
                #"client sends {"realtimeInput":{"audio":\#(Self.sound)}}"#,
                after: .milliseconds(Int64(7000 / (seconds * 10))))
        }
        #expect(talk.sent.isEmpty)
        try talk.take("client answers a-1", after: .seconds(1))
        #expect(talk.dropped == .zero)
        // The family takes no more at once.
        #expect(talk.sound >= .seconds(Int64(min(seconds, 50))) && talk.sound <= .seconds(56))
        try talk.take("client end", after: .seconds(60))
        #expect(talk.sound >= .seconds(Int64(seconds)))
        #expect(talk.texts.contains(#"{"realtimeInput":{"activityEnd":{}}}"#))
    }
}
