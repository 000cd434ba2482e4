import Testing

/// A credential of the client's own that may be good for no second session: while a handle lives,
/// nothing but handles is tried.
@Suite struct SingleUseTests {
    /// How often gemini got a setup without a handle, and with this one, and all that happened.
    private struct Played {
        let fresh: Int
        let resumed: Int
        let trace: String

        init(_ inputs: String, opensOnce: Bool = true) throws {
            let played = try Story.play((opensOnce ? "opens once\n" : "") + inputs)
            trace = played
            let setups = played.split(separator: "\n").filter {
                $0.contains(#"-> gemini {"setup":"#)
            }
            fresh = setups.count { !$0.contains(#""handle":"h-"#) }
            resumed = setups.count - fresh
        }
    }

    private static let opening = """
        +0s client opens
        +50ms gemini opens
        +10ms client setup manual
        +200ms gemini setup-complete
        +20ms gemini handle h-0
        +1s client start
        +20ms client audio 700ms
        +700ms client end

        """

    private static let climb =
        opening + """
            +600ms gemini turn-complete
            +2001ms nothing
            +20ms gemini opens
            +20ms gemini closes 1000
            +100ms gemini setup-complete
            +500ms gemini turn-complete
            +20ms gemini opens
            +20ms gemini closes 1000
            +100ms gemini setup-complete
            +500ms gemini turn-complete
            +20ms gemini opens
            +20ms gemini closes 1000
            +100ms gemini setup-complete
            +500ms gemini audio 200ms
            +20ms gemini generation-complete
            +50ms gemini turn-complete
            """

    @Test("a turn that stays empty climbs with the handle, every time")
    func ladder() throws {
        let played = try Played(Self.climb)
        #expect(played.fresh == 1)
        #expect(played.resumed == 3)
        #expect(played.trace.contains("turnEnded(1, .answered)"))
        let usual = try Played(Self.climb, opensOnce: false)
        #expect(usual.fresh == 3)
    }

    private static let losses =
        opening + """
            +100ms gemini closes 1011 Internal error encountered.
            +40ms gemini opens
            +20ms gemini closes 1011 Internal error encountered.
            +400ms gemini opens
            +20ms gemini closes 1011 Internal error encountered.
            +1s gemini opens
            +100ms gemini setup-complete
            +500ms gemini audio 200ms
            +20ms gemini generation-complete
            +50ms gemini turn-complete
            """

    @Test("a handle of which two connections died is tried again")
    func deaths() throws {
        let played = try Played(Self.losses)
        #expect(played.fresh == 1)
        #expect(played.resumed == 3)
        #expect(played.trace.contains("turnEnded(1, .answered)"))
        let usual = try Played(Self.losses, opensOnce: false)
        #expect(usual.fresh == 2)
    }

    private static let outdated = """
        +0s client opens
        +50ms gemini opens
        +10ms client setup manual gemini-2.5-flash-native-audio-preview-12-2025
        +200ms gemini setup-complete
        +20ms gemini handle h-0
        +1s client says My name is Ada.
        +500ms gemini says Hello Ada.
        +10ms gemini audio 200ms
        +20ms gemini turn-complete
        +1s client start
        +20ms client audio 700ms
        +700ms client end
        +100ms gemini closes 1011 Internal error encountered.
        +40ms gemini opens
        +200ms gemini setup-complete
        +700ms gemini audio 200ms
        +20ms gemini generation-complete
        +50ms gemini turn-complete
        """

    @Test("a handle that misses the last answer is better than a session that is refused")
    func outdated() throws {
        let played = try Played(Self.outdated)
        #expect(played.fresh == 1)
        #expect(played.resumed == 1)
        #expect(played.trace.contains("turnEnded(2, .answered)"))
        let usual = try Played(Self.outdated, opensOnce: false)
        #expect(usual.fresh == 2)
    }

    @Test("where no handle lives, a refused credential is told plainly and once")
    func refused() throws {
        let refused =
            Self.opening.split(separator: "\n").filter { !$0.contains("handle") }
            .joined(separator: "\n") + """

                +100ms gemini closes 1011 Internal error encountered.
                +40ms gemini opens
                +20ms gemini closes 1008 The token has no use left
                +10s nothing
                """
        let played = try Played(refused)
        #expect(played.fresh == 2)
        #expect(played.trace.contains("-> close client 1008 The token has no use left"))
        #expect(!played.trace.contains("dial 3"))
    }
}
