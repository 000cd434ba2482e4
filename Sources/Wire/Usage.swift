public import Basics

/// One `usageMetadata`. Counts are tokens; -1 where the service reported none.
public struct Usage: Equatable, Sendable, BitwiseCopyable {
    /// A count by modality. `document` and names yet unknown are kept apart from the four.
    public struct Details: Equatable, Sendable, BitwiseCopyable {
        public var text: Int64 = -1
        public var image: Int64 = -1
        public var video: Int64 = -1
        public var audio: Int64 = -1
        public var document: Int64 = -1
        public var other: Int64 = -1

        public init() {}
    }

    public var prompt: Int64 = -1
    public var cached: Int64 = -1
    /// `responseTokenCount`, on Vertex `candidatesTokenCount`.
    public var response: Int64 = -1
    public var toolUsePrompt: Int64 = -1
    public var thoughts: Int64 = -1
    public var total: Int64 = -1

    public var promptDetails = Details()
    public var cachedDetails = Details()
    public var responseDetails = Details()
    public var toolUsePromptDetails = Details()

    public init() {}

    /// `value` is `ServerMessage.usage`.
    public static func read(_ bytes: Span<UInt8>, _ value: ByteRange) -> Usage { Usage() }
}
