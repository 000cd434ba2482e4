public import Basics

/// The service's report of when the user speaks.
public struct VoiceActivity: Equatable, Sendable, BitwiseCopyable {
    public enum Kind: UInt8, Sendable, BitwiseCopyable { case start, end, other }

    public var kind = Kind.other
    /// Position in the audio sent so far; `.zero` if absent or unreadable.
    public var offset = Interval.zero

    public init() {}

    /// Reads `voiceActivity` of a server message; nil if there is none.
    public static func read(_ bytes: Span<UInt8>) -> VoiceActivity? {
        var cursor = JSONCursor()
        var activity: VoiceActivity?
        do {
            _ = try cursor.members(bytes, depth: 0) {
                cursor, name throws(Malformed) in
                guard name == .voiceActivity else { return try cursor.skip(bytes, depth: 1) }
                var found = VoiceActivity()
                let isObject = try cursor.members(bytes, depth: 1) {
                    cursor, name throws(Malformed) in
                    try found.readMember(name, &cursor, bytes)
                }
                if isObject { activity = found }
            }
        } catch {
            return nil
        }
        return activity
    }

    private mutating func readMember(
        _ name: Name, _ cursor: inout JSONCursor, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        switch name {
        case .type:
            guard let text = try cursor.string(bytes, depth: 2) else { return }
            if JSONText.equals(bytes, text.range, "ACTIVITY_START") { kind = .start }
            if JSONText.equals(bytes, text.range, "ACTIVITY_END") { kind = .end }
        case .audioOffset:
            guard let text = try cursor.string(bytes, depth: 2) else { return }
            offset = JSONText.duration(bytes, text.range) ?? .zero
        default: try cursor.skip(bytes, depth: 2)
        }
    }
}
