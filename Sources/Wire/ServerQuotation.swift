public import Basics

extension ServerMessage.Content {
    /// What the model or the user said, and its sources. Unknown content may be that, too.
    @inlinable public static var conversation: ServerMessage.Content {
        [
            .modelTurn, .audio, .text, .thought, .otherPart, .inputTranscription,
            .interimInputTranscription, .outputTranscription, .groundingMetadata,
            .urlContextMetadata, .unknown,
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

    /// The conversation: the value of `toolCall`, and those in `serverContent` that are no status,
    /// flag or explanation.
    static func conversation(in bytes: Span<UInt8>) throws(Malformed) -> [ByteRange] {
        var found: [ByteRange] = []
        var cursor = JSONCursor()
        try cursor.open(bytes)
        var key = try cursor.firstKey(bytes)
        while let member = key {
            switch member.name {
            case .serverContent:
                _ = try cursor.members(bytes, depth: 1) { cursor, name throws(Malformed) in
                    let isObject = cursor.next(bytes) == UInt8(ascii: "{")
                    let start = cursor.at
                    try cursor.skip(bytes, depth: 2)
                    if name.isConversation(isObject: isObject) {
                        found.append(ByteRange(start, cursor.at))
                    }
                }
            case .toolCall:
                let start = cursor.at
                try cursor.skip(bytes, depth: 1)
                found.append(ByteRange(start, cursor.at))
            default: try cursor.skip(bytes, depth: 1)
            }
            key = try cursor.nextKey(bytes)
        }
        return found
    }
}

extension Name {
    /// Whether a member of `serverContent` is conversation; an unknown one may be.
    fileprivate func isConversation(isObject: Bool) -> Bool {
        switch self {
        case .generationComplete, .turnComplete, .interrupted, .waitingForInput,
            .turnCompleteReason, .interactionStatus, .speechState:
            false
        case .modelTurn, .inputTranscription, .interimInputTranscription, .outputTranscription:
            isObject
        default: true
        }
    }
}
