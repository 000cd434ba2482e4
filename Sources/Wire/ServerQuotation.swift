public import Basics

extension ServerMessage.Content {
    /// What the model or the user said, and what it rests on.
    @inlinable public static var conversation: ServerMessage.Content {
        [
            .modelTurn, .audio, .text, .thought, .otherPart, .inputTranscription,
            .interimInputTranscription, .outputTranscription, .groundingMetadata,
            .urlContextMetadata,
        ]
    }
}

extension ServerMessage {
    /// How much of a message is gemini's own words, in which it may quote what it was sent, or the
    /// beginning of it.
    public enum Quotable: Equatable, Sendable {
        case nothing
        /// Its report of usage: some models send one with every chunk of sound.
        case usage(ByteRange)
        case besideConversation
        case all

        /// Their positions in the message.
        public func parts(of message: Span<UInt8>) -> [ByteRange] {
            let whole = ByteRange(0, message.count)
            switch self {
            case .nothing: return []
            case .usage(let report): return [report]
            case .all: return [whole]
            case .besideConversation:
                guard let spared = try? ServerMessage.conversation(in: message) else {
                    return [whole]
                }
                let starts = [0] + spared.map(\.range.upperBound)
                let ends = spared.map(\.range.lowerBound) + [message.count]
                return zip(starts, ends).map { ByteRange($0, $1) }
            }
        }
    }

    /// Most messages are of a kind that has no room for a quotation, and are not looked at.
    @inlinable public var quotable: Quotable {
        let isConversation =
            members.contains(.toolCall) || !content.isDisjoint(with: .conversation)
        let rare: Members = [
            .error, .goAway, .unknown, .setupComplete, .sessionResumptionUpdate,
            .toolCallCancellation, .voiceActivity, .voiceActivityDetectionSignal,
        ]
        if isConversation {
            guard !isRemarked, members.isDisjoint(with: rare) else { return .besideConversation }
            return members.contains(.usageMetadata) ? .usage(usage) : .nothing
        }
        return isRemarked || !members.isDisjoint(with: rare.union(.usageMetadata))
            ? .all : .nothing
    }

    /// The conversation: words, sound and signatures where they are expected, sources, and the value
    /// of `toolCall`. Whatever else there is, now or in future, is searched.
    static func conversation(in bytes: Span<UInt8>) throws(Malformed) -> [ByteRange] {
        var reader = ConversationReader()
        try reader.read(bytes)
        return reader.found
    }
}

/// Finds the conversation in a message.
private struct ConversationReader {
    var found: [ByteRange] = []

    mutating func read(_ bytes: Span<UInt8>) throws(Malformed) {
        var cursor = JSONCursor()
        try cursor.open(bytes)
        var key = try cursor.firstKey(bytes)
        while let member = key {
            switch member.name {
            case .serverContent:
                _ = try cursor.members(bytes, depth: 1) { cursor, name throws(Malformed) in
                    try content(name, &cursor, bytes)
                }
            case .toolCall: try spare(&cursor, bytes, depth: 1)
            default: try cursor.skip(bytes, depth: 1)
            }
            key = try cursor.nextKey(bytes)
        }
    }

    private mutating func content(
        _ name: Name, _ cursor: inout JSONCursor, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        switch name {
        case .groundingMetadata, .urlContextMetadata: try spare(&cursor, bytes, depth: 2)
        case .inputTranscription, .interimInputTranscription, .outputTranscription:
            _ = try cursor.members(bytes, depth: 2) { cursor, name throws(Malformed) in
                try string(name == .text, &cursor, bytes, depth: 3)
            }
        case .modelTurn:
            _ = try cursor.members(bytes, depth: 2) { cursor, name throws(Malformed) in
                guard name == .parts else { return try cursor.skip(bytes, depth: 3) }
                try cursor.elements(bytes, depth: 3) { cursor throws(Malformed) in
                    try part(&cursor, bytes)
                }
            }
        default: try cursor.skip(bytes, depth: 2)
        }
    }

    private mutating func part(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        _ = try cursor.members(bytes, depth: 4) { cursor, name throws(Malformed) in
            guard name == .inlineData else {
                let isSpared = name == .text || name == .thoughtSignature
                return try string(isSpared, &cursor, bytes, depth: 5)
            }
            _ = try cursor.members(bytes, depth: 5) { cursor, name throws(Malformed) in
                try string(name == .data, &cursor, bytes, depth: 6)
            }
        }
    }

    /// Skips a value; a string that is spared becomes part of what is found.
    private mutating func string(
        _ isSpared: Bool, _ cursor: inout JSONCursor, _ bytes: Span<UInt8>, depth: Int
    ) throws(Malformed) {
        guard isSpared, cursor.next(bytes) == UInt8(ascii: "\"") else {
            return try cursor.skip(bytes, depth: depth)
        }
        try spare(&cursor, bytes, depth: depth)
    }

    private mutating func spare(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>, depth: Int
    ) throws(Malformed) {
        let value = try cursor.value(bytes, depth: depth)
        if !value.isEmpty { found.append(value) }
    }
}
