import Basics
import Policies
import Sessions
import Testing
import Wire

@testable import Recording

/// A session as a proxy would have recorded it: plays a machine and writes down what happens.
struct Tape: ~Copyable {
    private(set) var text: [UInt8]
    private var session: Session
    private var actions = Actions()
    private var now = Instant(nanoseconds: 77_000_000_000)
    private let began = Instant(nanoseconds: 77_000_000_000)
    private let redraft = Redraft(
        keepsWords: true, keepsArguments: false, keepsAudio: false, salt: 3)
    static let policy: Policy = {
        var policy = Policy()
        policy.stalls.soft = .value(.seconds(3))
        policy.stalls.hard = .value(.seconds(8))
        return policy
    }()
    /// Timers of real loops are late.
    static let lateness = Interval.milliseconds(3)

    init() {
        session = Session(id: "s1", policy: Self.policy, profiles: .builtIn)
        let header = Header(
            version: "1", session: "s1", began: WallTime(nanoseconds: 1_700_000_000_000_000_000),
            policy: Self.policy, profiles: .builtIn)
        text = header.line + [10]
    }

    mutating func tell(_ event: Event, _ payload: String = "") {
        let bytes = Array(payload.utf8)
        session.handle(event, payload: bytes.span, at: now, into: &actions)
        let step = Step(
            at: now - began, event: event, payload: bytes, deeds: actions.list.map(\.words))
        text += step.line(redraft) + [10]
        actions.removeAll()
    }

    mutating func client(_ json: String) throws {
        tell(.clientSent(try ClientMessage.scan(Array(json.utf8).span), .text), json)
    }

    mutating func gemini(_ json: String, _ connection: ConnectionID = 1) throws {
        tell(.geminiSent(try ServerMessage.scan(Array(json.utf8).span), .binary, connection), json)
    }

    /// Time goes by, and the timer fires.
    mutating func wait(_ interval: Interval) {
        let end = now + interval
        while let deadline = session.deadline, deadline + Self.lateness <= end {
            now = max(now + .milliseconds(1), deadline + Self.lateness)
            tell(.wokeUp)
        }
        now = max(now, end)
    }

    /// Setup, a turn that is answered, and one that is not: nudged twice, then left for another
    /// connection, which dies.
    static func stalled() throws -> Tape {
        var tape = Tape()
        tape.tell(.opened)
        tape.wait(.milliseconds(20))
        tape.tell(.dialed(1))
        let automatic =
            #"{"setup":{"model":"models/gemini-3.1-flash-live-preview","generationConfig":{"responseModalities":["AUDIO"]},"realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}}"#
        try tape.client(automatic)
        tape.wait(.milliseconds(200))
        try tape.gemini(#"{"setupComplete":{}}"#)
        for turn in 1...2 {
            try tape.client(#"{"realtimeInput":{"activityStart":{}}}"#)
            let pcm = String(repeating: "iBOIE4gT", count: 400)
            for _ in 0..<10 {
                try tape.client(
                    #"{"realtimeInput":{"audio":{"data":"\#(pcm)","mimeType":"audio/pcm;rate=16000"}}}"#
                )
                tape.wait(.milliseconds(75))
            }
            try tape.client(#"{"realtimeInput":{"activityEnd":{}}}"#)
            tape.wait(.milliseconds(400))
            guard turn == 1 else { break }
            try tape.gemini(
                #"{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"\#(pcm)"}}]}}}"#
            )
            try tape.gemini(
                #"{"serverContent":{"generationComplete":true,"turnComplete":true},"sessionResumptionUpdate":{"newHandle":"h-0123456789abcdef","resumable":true}}"#
            )
            tape.wait(.seconds(2))
        }
        tape.wait(.seconds(14))
        tape.tell(.dialed(2))
        tape.wait(.milliseconds(50))
        tape.tell(.geminiClosed(2, Close(1011, "Internal error encountered.")))
        tape.wait(.seconds(3))
        tape.tell(.clientClosed(Close(1000)))
        return tape
    }
}

@Suite("Recordings")
struct RecordingTests {
    /// Stands in for the reader of YAML, which lives elsewhere: the policies are known.
    private func documents(_: String, _: String) -> Result<PolicySet, Complaints> {
        .success(.builtIn)
    }

    private func read(_ text: [UInt8]) throws -> Recording {
        var recording = try Recording.read(text, documents: documents)
        recording.policy = Tape.policy
        return recording
    }

    private func run(
        _ recording: Recording, _ clock: Replay.Clock, by policy: Policy = Tape.policy,
        against baseline: Replay? = nil
    ) -> Replay {
        Replay.run(
            recording, policy: policy, profiles: .builtIn, clock: clock, against: baseline
        ) { fact, _ in
            (String(fact.words.split(separator: " ")[0]), "lane", fact.words)
        }
    }

    @Test("every kind of event comes back as it was")
    func events() throws {
        let redraft = Redraft(keepsWords: true, keepsArguments: true, keepsAudio: true, salt: 1)
        let json = #"{"realtimeInput":{"text":"hi"}}"#
        var message = try ClientMessage.scan(Array(json.utf8).span)
        message.voicing = Voicing(.voice, voiced: 12, level: 800)
        let update = #"{"goAway":{"timeLeft":"9s"}}"#
        let server = try ServerMessage.scan(Array(update.utf8).span)
        let events: [(Event, String)] = [
            (.opened, ""), (.clientSent(message, .binary), json),
            (.clientSentMalformed(Malformed(.syntax, at: 3), .text), ""), (.dialed(4), ""),
            (.dialed(5, isWarm: true), ""),
            (
                .dialFailed(
                    2,
                    .refused(
                        status: 429, contentType: "a/b", body: Array("x\"y".utf8), retryAfter: "7")),
                ""
            ),
            (.dialFailed(2, .unreachable("no\nroute")), ""),
            (.dialFailed(2, .timedOut("slow")), ""),
            (.geminiSent(server, .binary, 3), update),
            (.geminiSentMalformed(Malformed(.tooDeep, at: 9), .binary, 1), ""),
            (.geminiPonged(1, .milliseconds(3)), ""), (.clientPonged(.milliseconds(4)), ""),
            (.clientClosed(Close(1000, "bye")), ""), (.geminiClosed(2, .abnormal), ""),
            (.clientViolated(Close(1009, "big")), ""), (.geminiViolated(1, Close(1002)), ""),
            (.clientStuck(buffered: 5), ""), (.clientBehind(true), ""),
            (.clientBehind(false), ""), (.clientUnread, ""), (.wokeUp, ""),
            (.limitReached(.dayUSD), ""),
            (.drained(by: Instant(nanoseconds: 5)), ""), (.policyChanged(Boxed(Policy())), ""),
        ]
        for (event, payload) in events {
            let step = Step(
                at: .milliseconds(1), event: event, payload: Array(payload.utf8),
                deeds: ["forward", "close client 1011 \"x\""])
            let fields = try Fields(step.line(redraft))
            #expect(try Step(fields) { _ in Policy() } == step)
        }
    }

    @Test("a recorded session replays identically, late timers and all")
    func identical() throws {
        let tape = try Tape.stalled()
        let replay = run(try read(tape.text), .recorded)
        #expect(replay.difference == nil)
        #expect(replay.steps > 30)
        #expect(replay.timeline.contains { $0.what == "nudged" })
        #expect(!String(decoding: tape.text, as: UTF8.self).contains("h-0123456789abcdef"))
    }

    @Test("its own deadlines lead the machine to the same decisions")
    func deadlines() throws {
        let tape = try Tape.stalled()
        let recording = try read(tape.text)
        #expect(
            run(recording, .deadlines).decisions.map(\.deed)
                == run(recording, .recorded).decisions.map(\.deed))
    }

    @Test("a changed line is detected")
    func tampered() throws {
        let tape = try Tape.stalled()
        let text = String(decoding: tape.text, as: UTF8.self)
        let changed = text.replacing("note nudged 2", with: "note nudged 7")
        #expect(changed != text)
        let replay = run(try read(Array(changed.utf8)), .recorded)
        let difference = try #require(replay.difference)
        #expect(difference.recorded.contains { $0.hasPrefix("note nudged 7") })
        #expect(difference.replayed.contains { $0.hasPrefix("note nudged 2") })
    }

    @Test("a policy without nudges shows the difference, and from where on it is a guess")
    func backTest() throws {
        let tape = try Tape.stalled()
        let recording = try read(tape.text)
        var other = Tape.policy
        other.stalls.nudges = 0
        let was = run(recording, .deadlines)
        let would = run(recording, .deadlines, by: other, against: was)
        let comparison = Comparison(
            was, (Tape.policy, .builtIn), would, (other, .builtIn), model: recording.model)
        #expect(comparison.settings == [.init(key: "stalls.nudges", was: "2", would: "0")])
        let nudges = try #require(comparison.counts.first { $0.what == "nudged" })
        #expect(nudges.was > 0 && nudges.would == 0)
        let gone = try #require(
            comparison.changes.first { $0.kind == .gone && $0.what == "nudged" })
        let from = try #require(comparison.guessFrom)
        #expect(from <= gone.at)
        #expect(comparison.changes.contains { $0.kind != .gone })
        let lines = ReplayText.comparison(comparison)
        #expect(lines.contains { $0.contains("a guess from") })
        let same = Comparison(
            was, (Tape.policy, .builtIn), was, (Tape.policy, .builtIn), model: recording.model)
        #expect(same.isSame && same.settings.isEmpty)
    }

    @Test(
        "a line that cannot be read is named, with what to do",
        arguments: [
            ("nonsense", "not one JSON object"), (#"{"at":1}"#, "event"),
            (#"{"at":1,"event":"sneezed"}"#, "should be"),
            (#"{"at":"x","event":"opened"}"#, "whole number"),
            (#"{"at":1,"event":"gemini","message":{}}"#, "message"),
            (
                #"{"at":1,"event":"client","message":{"realtimeInput":{"audio":{"data":{"blob":[2000000000,0,1]}}}}}"#,
                "message"
            ),
            (#"{"at":1,"event":"dialed","link":-1}"#, "link"),
        ])
    func malformed(line: String, words: String) throws {
        let tape = try Tape.stalled()
        let header = tape.text.split(separator: 10)[0]
        let lines = [Array(header), Array(#"{"at":0,"event":"opened"}"#.utf8), Array(line.utf8)]
        let text = Array(lines.joined(separator: [10]))
        let error = #expect(throws: Recording.Unreadable.self) { _ = try read(text) }
        let complaint = try #require(error?.complaints.first)
        #expect(complaint.line == 3)
        #expect(complaint.message.contains(words), "\(complaint.message)")
    }

    @Test(
        "a file that is not a recording is refused with an explanation",
        arguments: [
            ("", "empty"), ("{}", "no recording begins so"),
            (#"{"turnkeeper_recording":9}"#, "format 9"),
        ])
    func stranger(text: String, words: String) throws {
        let error = #expect(throws: Recording.Unreadable.self) { _ = try read(Array(text.utf8)) }
        #expect(error?.complaints.first?.message.contains(words) == true)
    }

    @Test("lost lines are counted")
    func lost() throws {
        let tape = try Tape.stalled()
        let text = tape.text + Array("{\"lost\":3}\n{\"end\":\"session\"}\n".utf8)
        #expect(try read(text).lost == 3)
    }
}
