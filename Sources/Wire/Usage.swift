public import Basics

/// One `usageMetadata`. Counts are tokens; -1 if the service reported none.
public struct Usage: Equatable, Sendable, BitwiseCopyable {
    /// A count by modality. `document` and unknown names are kept apart from the four.
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
    public var responseDetails = Details()

    public init() {}

    /// A field that cannot be read counts as absent.
    ///
    /// - Parameter value: `ServerMessage.usage`.
    public static func read(_ bytes: Span<UInt8>, _ value: ByteRange) -> Usage {
        var usage = Usage()
        guard !value.isEmpty else { return usage }
        var cursor = JSONCursor(at: max(0, Int(value.lower)))
        // Fails only with bytes that were never scanned; what was read so far is kept.
        _ = try? usage.read(bytes, at: &cursor, depth: 0)
        return usage
    }

    /// Reads the object at the cursor; any other value is skipped and false returned.
    ///
    /// - Parameter depth: The number of containers open around it.
    mutating func read(
        _ bytes: Span<UInt8>, at cursor: inout JSONCursor, depth: Int
    ) throws(Malformed) -> Bool {
        try cursor.members(bytes, depth: depth) { cursor, name throws(Malformed) in
            try readMember(name, &cursor, bytes, depth + 1)
        }
    }

    private mutating func readMember(
        _ name: Name, _ cursor: inout JSONCursor, _ bytes: Span<UInt8>, _ depth: Int
    ) throws(Malformed) {
        switch name {
        case .promptTokenCount: prompt = try Self.count(&cursor, bytes, depth)
        case .cachedContentTokenCount: cached = try Self.count(&cursor, bytes, depth)
        case .responseTokenCount, .candidatesTokenCount:
            response = try Self.count(&cursor, bytes, depth)
        case .toolUsePromptTokenCount: toolUsePrompt = try Self.count(&cursor, bytes, depth)
        case .thoughtsTokenCount: thoughts = try Self.count(&cursor, bytes, depth)
        case .totalTokenCount: total = try Self.count(&cursor, bytes, depth)
        case .promptTokensDetails: promptDetails = try Details.read(&cursor, bytes, depth)
        case .responseTokensDetails, .candidatesTokensDetails:
            responseDetails = try Details.read(&cursor, bytes, depth)
        default: try cursor.skip(bytes, depth: depth)
        }
    }

    /// A count, -1 if it is not one. Counts are 32 bits wide on the wire; the limit keeps sums of
    /// invented values from overflowing.
    fileprivate static func count(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>, _ depth: Int
    ) throws(Malformed) -> Int64 {
        guard let count = try cursor.integer(bytes, depth: depth), count >= 0, count <= 1 << 40
        else {
            return -1
        }
        return count
    }
}

extension Usage.Details {
    fileprivate static func read(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>, _ depth: Int
    ) throws(Malformed) -> Usage.Details {
        var details = Usage.Details()
        try cursor.elements(bytes, depth: depth) { cursor throws(Malformed) in
            var modality: JSONCursor.Text?
            // Writers of proto3 JSON leave zero out.
            var count: Int64 = 0
            let isObject = try cursor.members(bytes, depth: depth + 1) {
                cursor, name throws(Malformed) in
                switch name {
                case .modality: modality = try cursor.string(bytes, depth: depth + 2)
                case .tokenCount: count = max(0, try Usage.count(&cursor, bytes, depth + 2))
                default: try cursor.skip(bytes, depth: depth + 2)
                }
            }
            if isObject { details.add(count, modality, bytes) }
        }
        return details
    }

    private mutating func add(
        _ count: Int64, _ modality: JSONCursor.Text?, _ bytes: Span<UInt8>
    ) {
        func isNamed(_ name: StaticString) -> Bool {
            guard let modality else { return false }
            return modality.isEscaped
                ? JSONText.equals(bytes, modality.range, name.description)
                : Bytes.equal(bytes, modality.range.range, name)
        }
        if isNamed("TEXT") {
            text = max(0, text) &+ count
        } else if isNamed("AUDIO") {
            audio = max(0, audio) &+ count
        } else if isNamed("IMAGE") {
            image = max(0, image) &+ count
        } else if isNamed("VIDEO") {
            video = max(0, video) &+ count
        } else if isNamed("DOCUMENT") {
            document = max(0, document) &+ count
        } else {
            other = max(0, other) &+ count
        }
    }
}
