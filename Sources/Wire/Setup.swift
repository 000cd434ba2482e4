public import Basics

/// What a `setup` message asks for, as far as a session cares; both casings are read at every
/// level. Ranges point into the message it was read from.
public struct Setup: Equatable, Sendable {
    /// State of `sessionResumption.handle`: a null one is legal on 2.5 and fatal on 3.1, so it is
    /// kept apart from an absent one.
    public enum Handle: Equatable, Sendable {
        case absent
        case null
        case empty
        /// Quotes excluded, escapes as they came.
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

    /// The `setup` object, braces included.
    public var value = ByteRange.none
    /// Some name is there twice in one object, at any level, in one spelling or in two: nobody can
    /// say which one the service reads. What tools and answers look like is the user's to spell.
    public var isAmbiguous = false

    /// As the client named it: `models/{id}` or a Vertex resource name.
    public var model = ""
    /// The same, quotes excluded, escapes as they came.
    public var modelRange = ByteRange.none

    /// `responseModalities` names AUDIO, or is absent: the service's default is AUDIO.
    public var respondsWithAudio = true
    /// `responseModalities` names TEXT.
    public var respondsWithText = false
    public var enablesAffectiveDialog = false
    public var hasThinkingConfig = false
    /// `thinkingConfig.thinkingBudget`.
    public var thinkingBudget: Int64?
    /// `thinkingConfig.thinkingLevel`, in upper case as the service prints it; empty where absent.
    public var thinkingLevel = ""
    public var includesThoughts = false

    /// Value of `systemInstruction`, braces or quotes included.
    public var systemInstruction = ByteRange.none
    /// Value of `tools`, brackets included.
    public var tools = ByteRange.none
    public var functions: [Function] = []

    /// `automaticActivityDetection.disabled`: the client says where turns begin and end.
    public var isManualVAD = false
    public var silenceDurationMs: Int64?
    public var prefixPaddingMs: Int64?
    /// `activityHandling: NO_INTERRUPTION`.
    public var forbidsInterruption = false

    public var hasSessionResumption = false
    public var handle = Handle.absent
    /// `sessionResumption.transparent` is there, whatever its value: the Gemini API refuses the
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

    /// Reads a message that `ClientMessage.scan` found to hold a `setup`; of one that holds none,
    /// everything is as absent.
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
