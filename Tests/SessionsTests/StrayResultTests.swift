import Testing

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
}
