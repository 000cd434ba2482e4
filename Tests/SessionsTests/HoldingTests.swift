import Basics
import Policies
import Testing
import Wire

@testable import Sessions

/// A session says how much it holds: its limit, and the memory of the process, are kept by that.
@Suite struct HoldingTests {
    private struct Hosted: ~Copyable {
        var session: Session
        var out = Actions()
        var now = Instant(nanoseconds: 0)

        init(_ policy: Policy = Policy()) {
            session = Session(id: "s", policy: policy, profiles: .builtIn)
            take(.opened)
            take(.dialed(1))
        }

        mutating func take(_ event: Event, _ payload: [UInt8] = []) {
            session.handle(event, payload: payload.span, at: now, into: &out)
        }

        mutating func client(_ text: String) throws {
            let bytes = Array(text.utf8)
            take(.clientSent(try ClientMessage.scan(bytes.span), .text), bytes)
        }

        mutating func gemini(_ text: String, on link: ConnectionID = 1) throws {
            let bytes = Array(text.utf8)
            take(.geminiSent(try ServerMessage.scan(bytes.span), .binary, link), bytes)
        }

        mutating func talk(_ instruction: String = "a") throws {
            try client(HoldingTests.setup(instruction))
            try gemini(#"{"setupComplete":{}}"#)
        }

        var close: Close? {
            for case .close(.client, let close) in out.list { return close }
            return nil
        }

        /// The setup with which a new connection begins.
        mutating func setupAgain() -> String {
            out.removeAll()
            take(.geminiClosed(1, .abnormal))
            now = now + .milliseconds(1)
            take(.wokeUp)
            take(.dialed(2))
            for case .send(.gemini, let bytes, _) in out.list {
                return String(decoding: bytes, as: UTF8.self)
            }
            return ""
        }
    }

    private static func setup(_ instruction: String) -> String {
        let text = #"{"parts":[{"text":"\#(instruction)"}]}"#
        let model = "models/gemini-3.1-flash-live-preview"
        return #"{"setup":{"model":"\#(model)","systemInstruction":\#(text)}}"#
    }

    private static func update(_ field: String, _ text: String) -> String {
        #"{"contextUpdate":{"\#(field)":\#(text)}}"#
    }

    private static func long(_ count: Int) -> String { String(repeating: "A", count: count) }
    private static let sample =
        #"{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"AQA="}}}"#

    @Test func `a setup is held for as long as the session`() throws {
        var hosted = Hosted()
        try hosted.talk(Self.long(1_000_000))
        #expect(hosted.session.heldBytes > 1_000_000)
        #expect(hosted.session.heldBytes < 1_010_000)
    }

    @Test func `a setup for which there is no room is refused, and the reason says so`() throws {
        var policy = Policy()
        policy.limits.buffer = 65_536
        var hosted = Hosted(policy)
        try hosted.client(Self.setup(Self.long(60_000)))
        let (refused, held) = (hosted.close, hosted.session.heldBytes)
        #expect(refused == nil && held > 60_000)
        var other = Hosted(policy)
        try other.client(Self.setup(Self.long(70_000)))
        let found = other.close
        let close = try #require(found)
        #expect(close.code == 1008)
        #expect(close.reason.contains("the setup takes more than 65536 bytes (limits.buffer)"))
        #expect(other.out.list.contains(.note(.limitReached(.buffer))))
    }

    @Test func `a new context is held in place of the old one, and within the same room`() throws {
        var hosted = Hosted()
        try hosted.talk()
        let long = #"{"parts":[{"text":"\#(Self.long(1_000_000))"}]}"#
        try hosted.client(Self.update("systemInstruction", long))
        #expect(hosted.session.heldBytes > 1_000_000)
        #expect(!hosted.out.list.contains(.note(.contextLost(.zero))))
        try hosted.client(Self.update("systemInstruction", #"{"parts":[{"text":"short"}]}"#))
        #expect(hosted.session.heldBytes < 10_000)
        for field in ["systemInstruction", "tools", "tools"] {
            hosted.out.removeAll()
            let text = #"{"parts":[{"text":"\#(Self.long(15_000_000))"}]}"#
            let value = field == "tools" ? #"{"tools":[\#(text)]}"# : text
            try hosted.client(Self.update(field, value))
            #expect(hosted.session.heldBytes < 10_000)
            #expect(hosted.out.list.contains(.note(.contextLost(.zero))))
            #expect(hosted.out.list.contains(.forward))
        }
        #expect(hosted.setupAgain().contains(#""short""#))
    }

    @Test func `the conversation gives way to a new context`() throws {
        var hosted = Hosted()
        try hosted.talk()
        let blob = #"{"mimeType":"audio/pcm;rate=16000","data":"\#(Self.long(42_668))"}"#
        let second = #"{"realtimeInput":{"audio":\#(blob)}}"#
        for _ in 0..<150 { try hosted.client(second) }
        #expect(hosted.session.heldBytes > 3 << 20)
        hosted.out.removeAll()
        try hosted.client(Self.update("tools", #"{"tools":[{"x":"\#(Self.long(3_500_000))"}]}"#))
        #expect(!hosted.out.list.contains(.note(.contextLost(.zero))))
        #expect(hosted.session.heldBytes <= Policy().limits.buffer)
        #expect(hosted.session.heldBytes > 3_500_000)
        #expect(hosted.setupAgain().contains(Self.long(3_500_000)))
    }

    @Test("sessions share the policy that a reload gives them, and none keeps a copy")
    func sharedAfterReload() throws {
        var policy = Policy()
        policy.limits.buffer = 1 << 20
        let shared = Boxed(policy)
        var hosted = Hosted()
        try hosted.talk()
        hosted.take(.policyChanged(shared))
        #expect(hosted.session.sharedPolicy === shared)
        let newer = Boxed(policy)
        let isWrong = hosted.session.exchange(newer, for: shared)
        let isRight = hosted.session.exchange(shared, for: newer)
        #expect(!isWrong && isRight)
        #expect(hosted.session.sharedPolicy === newer)
    }

    @Test(arguments: ["talking", "early", "down"])
    func `what is small is counted with its place in a list`(_ when: String) throws {
        var hosted = Hosted()
        if when != "early" { try hosted.talk() }
        if when == "down" { hosted.take(.geminiClosed(1, .abnormal)) }
        for _ in 0..<1000 { try hosted.client(Self.sample) }
        #expect(hosted.session.heldBytes > 1000 * MemoryLayout<KeptMessages.Entry>.stride)
        for _ in 0..<200_000 {
            hosted.out.removeAll()
            try hosted.client(Self.sample)
        }
        #expect(hosted.session.heldBytes <= Policy().limits.buffer)
    }

    @Test func `words of one letter are counted as what they take`() {
        var words = Words()
        let letter = Array("a".utf8)
        for id in 0..<10_000 {
            words.say(id % 2 == 0 ? .user : .model, ByteRange(0, 1), letter.span, at: id)
        }
        #expect(words.length == 10_000)
        #expect(words.size > 10_000 * 70)
        words.shrink(to: 100_000)
        #expect(words.size <= 100_000 && words.size > 99_000 && words.isIncomplete)
        #expect(words.length == words.pieces.count)
    }

    @Test func `at the limit of words, room is made for many at once`() {
        var words = Words()
        let turn = Array(#"{"role":"user"}"#.utf8)
        var moved = 0
        for id in 0..<50_000 {
            let before = words.pieces.count
            words.quote(
                content: ByteRange(0, turn.count), role: .user, turn.span, at: id,
                isHistory: true)
            if words.pieces.count <= before { moved += words.pieces.count }
            #expect(words.length <= Words.limit)
        }
        // All of the rest for each of them would be two hundred million.
        #expect(moved < 1_000_000)
        #expect(words.pieces.last?.id == 49_999)
    }

    @Test func `who is away is kept no more small messages than there is room for`() {
        var parking = Parking()
        let begun = Instant(nanoseconds: 0)
        parking.begin(until: begun + .seconds(15), at: begun)
        let part = #"{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"AQA="}}"#
        let sound = Array(#"{"serverContent":{"modelTurn":{"parts":[\#(part)]}}}"#.utf8)
        let word = Array(#"{"serverContent":{"outputTranscription":{"text":"a"}}}"#.utf8)
        parking.keep(word, .binary, limit: 10_000)
        for _ in 0..<5_000 { parking.keep(sound, .binary, limit: 10_000) }
        parking.keep(word, .binary, limit: 10_000)
        #expect(parking.size <= 10_000 && !parking.isOverfull && parking.dropped > .zero)
        #expect(parking.messages.first?.bytes == word && parking.messages.last?.bytes == word)
        #expect(parking.messages.count == parking.count)
        #expect(parking.size > parking.count * (sound.count + 48))
    }
}
