public import Basics

/// What a session needs to know about a `setup` message; both spellings are read at every level.
/// Ranges point into the message.
public struct Setup: Equatable, Sendable {
    /// State of `sessionResumption.handle`: null is legal on 2.5 and fatal on 3.1, so it is
    /// distinguished from absent.
    public enum Handle: Equatable, Sendable {
        case absent
        case null
        case empty
        /// Without quotes, escapes unchanged.
        case present(ByteRange)

        public var isPresent: Bool {
            if case .present = self { true } else { false }
        }
    }

    public enum Behavior: UInt8, Sendable { case unspecified, blocking, nonBlocking }

    /// One entry of some `tools[].functionDeclarations`.
    public struct Function: Equatable, Sendable {
        public var name = ""
        public var behavior = Behavior.unspecified

        public init(name: String = "", behavior: Behavior = .unspecified) {
            self.name = name
            self.behavior = behavior
        }
    }

    /// The `setup` object, with braces.
    public var value = ByteRange.none
    /// A name is there twice in one object, at any level, in the same spelling or in both: it is
    /// unknown which one the service reads. Names inside schemas of tools and answers are the
    /// user's own.
    public var isAmbiguous = false

    /// As the client wrote it: `models/{id}` or a Vertex resource name.
    public var model = ""
    /// The same, without quotes, escapes unchanged.
    public var modelRange = ByteRange.none

    /// `responseModalities` contains AUDIO, or is absent: the service's default is AUDIO.
    public var respondsWithAudio = true
    /// `responseModalities` contains TEXT.
    public var respondsWithText = false
    public var enablesAffectiveDialog = false
    public var hasThinkingConfig = false
    /// `thinkingConfig.thinkingBudget`.
    public var thinkingBudget: Int64?
    /// `thinkingConfig.thinkingLevel`, in upper case as the service prints it; empty if absent.
    public var thinkingLevel = ""
    public var includesThoughts = false

    /// Value of `systemInstruction`, with braces or quotes.
    public var systemInstruction = ByteRange.none
    /// Value of `tools`, with brackets.
    public var tools = ByteRange.none
    public var functions: [Function] = []

    /// `automaticActivityDetection.disabled`: the client marks where turns begin and end.
    public var isManualVAD = false
    public var silenceDurationMs: Int64?
    public var prefixPaddingMs: Int64?
    /// `activityHandling: NO_INTERRUPTION`.
    public var forbidsInterruption = false

    public var hasSessionResumption = false
    public var handle = Handle.absent
    /// `sessionResumption.transparent` is present, whatever its value: the Gemini API refuses the
    /// name itself.
    public var hasTransparent = false
    /// `sessionResumption.transparent: true`.
    public var isTransparent = false

    public var initialHistoryInClientContent = false
    public var transcribesInput = false
    public var transcribesOutput = false
    public var hasProactivity = false
    public var proactiveAudio: Bool?
    public var hasContextWindowCompression = false
    public var triggerTokens: Int64?
    public var targetTokens: Int64?

    public init() {}

    /// Reads a message in which `ClientMessage.scan` found a `setup`; without one, everything is
    /// absent.
    public static func read(_ bytes: Span<UInt8>) throws(Malformed) -> Setup {
        var setup = Setup()
        setup.isAmbiguous = try Twins.find(inSetup: bytes) != nil
        var cursor = JSONCursor()
        _ = try cursor.members(bytes, depth: 0) {
            cursor, name throws(Malformed) in
            if name == .setup {
                try setup.readMembers(&cursor, bytes)
            } else {
                try cursor.skip(bytes, depth: 1)
            }
        }
        try cursor.close(bytes)
        return setup
    }
}
