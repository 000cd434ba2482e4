import Basics
import Policies
import Testing
import Wire

@testable import Sessions

/// What is kept of calls and their results counts towards `limits.buffer`, and stays within it.
@Suite struct ToolCallsTests {
    private static let buffer = 65_536
    private static let length = 20_000

    /// A session in which a question was asked, and its calls were made.
    private final class Talk {
        private let session: SessionBox
        private var connection: ConnectionID = 0
        private var now = Instant(nanoseconds: 0)

        init(calls: Int, model: String = "gemini-3.8-live") throws {
            var policy = Policy()
            policy.limits.buffer = buffer
            session = SessionBox(policy, "", false, false, false)
            for line in ["client opens", "gemini opens", "client setup manual \(model)"] {
                try take(line)
            }
            for line in ["gemini setup-complete", "client text Run it."] { try take(line) }
            for call in 0..<calls { try take("gemini calls f\(call) as a-\(call)") }
        }

        var held: Int { session.heldBytes }

        /// The line is lost, and the next connection knows nothing of it.
        func reconnect() throws {
            for line in ["gemini closes 1011 gone", "gemini opens", "gemini setup-complete"] {
                try take(line)
            }
        }

        @discardableResult
        func take(_ line: String) throws -> [Action] {
            now = now + .milliseconds(100)
            guard
                let (event, payload) = try StoryInput.read(
                    line[...], dialed: connection, used: connection)
            else { return [] }
            let actions = session.handle(event, payload, now)
            for case .dial(let dialed) in actions { connection = dialed }
            #expect(held <= buffer + payload.count)
            return actions
        }

        @discardableResult
        func answer(_ call: Int) throws -> [Action] {
            let word = String(repeating: "r", count: length)
            let result =
                #"{"id":"a-\#(call)","name":"f\#(call)","response":{"word":"\#(call)\#(word)"}}"#
            return try take(#"client sends {"toolResponse":{"functionResponses":[\#(result)]}}"#)
        }

        /// What gemini is told when it makes the call again.
        func callAgain(_ call: Int) throws -> String {
            let actions = try take("gemini calls f\(call) as b-\(call)")
            #expect(!actions.contains(.forward))
            for case .send(.gemini, let bytes, _) in actions {
                return String(decoding: bytes, as: UTF8.self)
            }
            return ""
        }
    }

    @Test func `results that wait for their calls are counted, and the oldest give way`() throws {
        let talk = try Talk(calls: 8)
        try talk.reconnect()
        for call in 0..<3 { try talk.answer(call) }
        #expect(talk.held > 3 * Self.length)
        for call in 3..<8 { try talk.answer(call) }
        #expect(talk.held > 2 * Self.length)
        let newest = try talk.callAgain(7)
        #expect(newest.contains(#""word":"7rrr"#))
        #expect(newest.contains(#""id":"b-7""#))
        // The tool is not run again for it, and the model is told why it has no result.
        let oldest = try talk.callAgain(0)
        #expect(oldest.contains(#""id":"b-0","name":"f0","response":{"error":"#))
    }

    @Test func `results that were sent count as well, until their turn has its answer`() throws {
        let talk = try Talk(calls: 4)
        for call in 0..<4 { try talk.answer(call) }
        #expect(talk.held > 2 * Self.length)
        for line in ["gemini audio 200ms", "gemini generation-complete", "gemini turn-complete"] {
            try talk.take(line)
        }
        #expect(talk.held < Self.length)
    }

    @Test func `calls that are held back are shown before they pass the bound`() throws {
        let talk = try Talk(calls: 1)
        try talk.reconnect()
        let word = String(repeating: "p", count: Self.length)
        var shown = 0
        for piece in 0..<40 {
            let call =
                #"{"id":"b-\#(piece % 10)","name":"f0","partialArgs":["\#(word)"],"willContinue":true}"#
            let actions = try talk.take(
                #"gemini sends {"toolCall":{"functionCalls":[\#(call)]}}"#)
            for action in actions {
                switch action {
                case .forward: shown += 1
                case .send(.client, let bytes, _): shown += bytes.count / Self.length
                default: break
                }
            }
        }
        #expect(shown >= 40 - Self.buffer / Self.length)
    }

    @Test func `what waits for the next question counts, and what does not fit is said to be lost`()
        throws
    {
        let talk = try Talk(calls: 3, model: "gemini-3.1-flash-live-preview")
        try talk.reconnect()
        for line in ["gemini audio 200ms", "gemini generation-complete", "gemini turn-complete"] {
            try talk.take(line)
        }
        // Their question was answered without them: they are told with the next one.
        var lost = 0
        for call in 0..<3 {
            // Each is kept as it came, and as it is to be told.
            for case .note(.contextLost) in try talk.answer(call) { lost += 1 }
        }
        #expect(lost > 0)
        let asked = try talk.take("client text And then?")
        for case .send(.gemini, let bytes, _) in asked { #expect(bytes.count < Self.buffer) }
    }

    /// A turn with so many calls, whose connection is lost.
    ///
    /// - Returns: How many of them the client is shown again, and the errors that gemini gets.
    private func callAgain(_ count: Int) throws -> (shown: Int, refused: Int) {
        let session = SessionBox(Policy(), "", false, false, false)
        var connection: ConnectionID = 0
        var now = Instant(nanoseconds: 0)
        func take(_ line: String) throws -> [Action] {
            now = now + .milliseconds(100)
            let read = try StoryInput.read(line[...], dialed: connection, used: connection)
            guard let (event, payload) = read else { return [] }
            let actions = session.handle(event, payload, now)
            for case .dial(let dialed) in actions { connection = dialed }
            return actions
        }
        let model = "gemini-3.1-flash-live-preview"
        for line in ["client opens", "gemini opens", "client setup manual \(model)"] {
            _ = try take(line)
        }
        for line in ["gemini setup-complete", "client text Run it."] { _ = try take(line) }
        for call in 0..<count { _ = try take("gemini calls f\(call) as a-\(call)") }
        for line in ["gemini closes 1011 gone", "gemini opens", "gemini setup-complete"] {
            _ = try take(line)
        }
        var (shown, refused) = (0, 0)
        for call in 0..<count {
            let actions = try take("gemini calls f\(call) as b-\(call)")
            if actions.contains(.forward) { shown += 1 }
            for case .send(.gemini, let bytes, _) in actions
            where String(decoding: bytes, as: UTF8.self).contains("its result is unknown") {
                refused += 1
            }
        }
        return (shown, refused)
    }

    @Test(
        "of the calls in flight none is run twice, and only the excess loses its result",
        arguments: [(65, 0), (256, 0), (258, 2)])
    func manyCalls(_ count: Int, _ excess: Int) throws {
        let again = try callAgain(count)
        #expect(again.shown == 0)
        #expect(again.refused == excess)
    }
}
