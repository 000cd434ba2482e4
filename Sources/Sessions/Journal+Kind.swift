import Basics
import Wire

extension Journal {
    /// The limits on what is kept.
    struct Bounds: Equatable, Sendable {
        /// In total.
        var bytes = 0
        /// Unanswered audio.
        var sound = Interval.zero
        /// Messages are kept at all.
        var isKeeping = false
    }

    enum Kind: UInt8, Sendable {
        case start, sound, picture, text, end, content, result, other

        /// The user's own input, as opposed to tool results.
        var asks: Bool {
            switch self {
            case .sound, .text, .content: true
            case .start, .end, .picture, .result, .other: false
            }
        }

        /// It makes the model answer what it knows.
        var wakes: Bool { asks || self == .end || self == .result }

        /// It may be refused for what is written in it. Results have a second form.
        var isWritten: Bool { self == .text || self == .content || self == .other }

        /// Part of an activity: meaningless without its boundaries.
        var isPartOfActivity: Bool {
            switch self {
            case .start, .sound, .picture, .end: true
            case .text, .content, .result, .other: false
            }
        }
    }
}

extension ClientMessage {
    /// Words, or a change of the setup: not sound, pictures or results. Called for every message.
    @inline(__always) var isWritten: Bool {
        if input.contains(.audio) || input == .audioStreamEnd { return false }
        return Journal.Kind(self)?.isWritten ?? true
    }
}

extension Journal.Kind {
    init?(_ bytes: [UInt8]) {
        guard let message = try? ClientMessage.scan(bytes.span) else { return nil }
        self.init(message)
    }

    /// `nil` for messages that are not kept: history and context are told separately.
    init?(_ message: ClientMessage) {
        if message.members.contains(.realtimeInput) {
            let input = message.input
            if input.contains(.activityStart) {
                self = .start
            } else if input.contains(.activityEnd) {
                self = .end
            } else if input.contains(.audio) {
                self = .sound
            } else if input.contains(.text) {
                self = .text
            } else if input.contains(.video) {
                self = .picture
            } else {
                self = .other
            }
        } else if message.members.contains(.clientContent) {
            guard message.turnComplete else { return nil }
            self = .content
        } else if message.members.contains(.toolResponse) {
            self = .result
        } else if message.members.contains(.contextUpdate) {
            return nil
        } else {
            self = .other
        }
    }
}
