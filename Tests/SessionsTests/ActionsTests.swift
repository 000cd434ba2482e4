import Basics
import Policies
import Testing
import Wire

@testable import Sessions

/// What nearly every message of a client leads to, and what it does not have to be asked.
@Suite struct ActionsTests {
    @Test func `a message that is only forwarded needs no list`() {
        var out = Actions()
        out.forward()
        #expect(out.isForward && out.count == 1 && out.list == [.forward])
        let only = out.take(0)
        #expect(only == .forward)
        out.removeAll()
        #expect(out.isEmpty && out.list == [])
        out.forward()
        out.note(.nudgeEnded(.ignored))
        out.forward()
        let all: [Action] = [.forward, .note(.nudgeEnded(.ignored)), .forward]
        #expect(!out.isForward && out.list == all && out.count == 3)
        let taken = (0..<3).map { out.take($0) }
        #expect(taken == all)
        out.removeAll()
        #expect(out.isEmpty)
    }

    @Test func `the last actions are taken from any list`() {
        for first in 0...1 {
            var out = Actions()
            out.forward()
            #expect(out.remove(from: first) == (first == 0 ? [.forward] : []))
            #expect(out.list == (first == 0 ? [] : [.forward]))
        }
        for first in 0...2 {
            var out = Actions()
            out.forward()
            out.append(.ping(.client))
            let all = out.list
            #expect(out.remove(from: first) == Array(all[first...]))
            #expect(out.list == Array(all[..<first]))
        }
    }

    /// Who arms a timer need not ask after each message: nothing is nearer than it was.
    @Test func `audio between audio brings no deadline nearer`() throws {
        let session = SessionBox(Policy(), "", false, false, false)
        var now = Instant(nanoseconds: 1_000_000_000)
        func say(_ what: Substring, after pause: Interval = .milliseconds(20)) throws {
            now = now + pause
            let (event, payload) = try #require(try StoryInput.read(what, dialed: 1, used: 1))
            _ = session.handle(event, payload, now)
        }
        for what: Substring in [
            "client opens", "gemini opens", "client setup", "gemini setup-complete",
        ] {
            try say(what)
            #expect(session.mayBeDueSooner)
        }
        // The first has to be followed by more; and a voice, once it is long enough, by an answer.
        var asked: [Int] = []
        for index in 0..<100 {
            try say("client voice 20ms")
            if session.mayBeDueSooner { asked.append(index) }
        }
        #expect(asked == [0, 12])
        try say("gemini audio 200ms")
        #expect(session.mayBeDueSooner)
        try say("client voice 20ms")
        #expect(!session.mayBeDueSooner)
        try say("client text hello")
        #expect(session.mayBeDueSooner)
    }
}
