import Testing

@testable import Sessions

/// A result that a client gives twice, or for a call that nobody made, may cost the connection, and
/// must not cost the next one as well (wire reference 14, failure catalogue 4.6).
@Suite struct StrayResultTests {
    private static func story(_ id: String) -> String {
        """
        +0s client opens
        +50ms gemini opens
        +10ms client setup automatic
        +200ms gemini setup-complete
        +20ms client text Run it.
        +200ms gemini calls f as a-1
        +200ms client answers a-1
        +300ms gemini audio 200ms
        +20ms gemini generation-complete
        +50ms gemini turn-complete
        +1s client text And now?
        +50ms client answers \(id)
        +50ms gemini closes 1008 Requested entity was not found.
        +100ms gemini opens
        +100ms gemini setup-complete
        +300ms gemini audio 200ms
        +20ms gemini generation-complete
        +50ms gemini turn-complete
        """
    }

    @Test(arguments: [("a-1", 1), ("never-made", 0)])
    func `what is known to be a second result is dropped`(id: String, dropped: Int) throws {
        let trace = try Story.play(Self.story(id)).split(separator: "\n")
        let stray = try #require(trace.lastIndex { $0.contains("client answers") })
        let then = trace[(stray + 1)...].prefix { $0.hasPrefix(" ") }
        #expect(then.count { $0.contains("toolResultsDropped(1)") } == dropped)
        #expect(then.contains { $0.contains("-> as it came") } == (dropped == 0))
    }

    @Test(arguments: ["a-1", "never-made"])
    func `it is gemini's to judge once, and is not said again on another connection`(id: String)
        throws
    {
        let trace = try Story.play(Self.story(id)).split(separator: "\n")
        let dials = trace.indices.filter { trace[$0].contains("dial 2") }
        let second = try #require(dials.first)
        let after = trace[second...].filter { $0.contains("-> gemini") }
        #expect(after.contains { $0.contains("And now?") })
        #expect(!after.contains { $0.contains("toolResponse") })
        #expect(trace.contains { $0.contains("turnEnded") && $0.contains("(2, .answered)") })
    }

    /// A question goes on behind a reply to its first half, with the call of an earlier one unheard.
    @Test("I8: a call is not run again because the user went on after a pause")
    func replyToPart() throws {
        let trace = try Story.play(
            """
            +0s client opens
            +50ms gemini opens
            +10ms client setup manual gemini-3.8-live
            +200ms gemini setup-complete
            +20ms client text Run it.
            +200ms gemini calls f as a-1
            +200ms client answers a-1
            +100ms client start
            +20ms client voice 700ms
            +2s gemini audio 200ms
            +200ms client voice 700ms
            +50ms gemini interrupted
            +20ms client end
            +100ms client text More.
            +50ms gemini closes 1011 gone
            +300ms gemini opens
            +100ms gemini setup-complete
            +300ms gemini calls f as b-1
            """
        ).split(separator: "\n")
        let again = try #require(trace.lastIndex { $0.contains("gemini calls f as b-1") })
        #expect(trace[again...].contains { $0.contains("callRemembered(1)") })
    }

    /// A client that runs more calls than are remembered, answers one of an earlier connection.
    @Test("a connection whose calls are not all remembered stays the newest that has any")
    func newest() {
        var unkept = ToolCalls.Unkept()
        unkept.add(1, on: 2)
        unkept.add(2, on: 1)
        #expect(!unkept.isForeign(to: 2) && unkept.isForeign(to: 3))
    }

    /// A door falls shut over a blocking call, while the result of a lost call waits to be told.
    @Test("a result that waits for a tool is not tried again and again")
    func toolAtWork() throws {
        let lines = """
            +0s client opens
            +50ms gemini opens
            +10ms client setup automatic gemini-2.5-flash-native-audio-latest
            +200ms gemini setup-complete
            +1s client voice 700ms
            +800ms gemini hears Run it.
            +10ms gemini calls f as a-1
            +300ms gemini closes 1011 Internal error occurred.
            +40ms gemini opens
            +200ms gemini setup-complete
            +700ms gemini audio 200ms
            +20ms gemini generation-complete
            +50ms gemini turn-complete
            +1s client voice 700ms
            +800ms gemini hears And then?
            +10ms gemini calls g as b-1
            +20ms gemini generation-complete
            +50ms gemini turn-complete
            +100ms client voice 160ms
            +100ms client answers a-1
            +60s client answers b-1
            +200ms gemini audio 200ms
            +20ms gemini generation-complete
            +50ms gemini turn-complete
            +9s nothing
            """
        // Played, a deadline that has passed and leads to nothing is an error.
        let trace = try Story.play(lines).split(separator: "\n")
        let end = try #require(trace.lastIndex { $0.contains("gemini turn-complete") })
        #expect(trace[end...].contains { $0.contains("Result of f") })
    }
}
