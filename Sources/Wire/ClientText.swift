import Basics

/// A text-only `clientContent` as a `realtimeInput`, for models that accept text in no other form.
public struct RealtimeText: Equatable, Sendable {
    public var bytes: [UInt8]
    /// Wire paths for which the new form has no place, at most 16: unknown fields, and those that
    /// describe a part. Members next to the `clientContent` stay.
    public var dropped: [String] = []
}

extension ClientMessage {
    /// The message with `realtimeInput.text` in place of its `clientContent`; every other byte
    /// stays. nil for any message except one that asks (`turnComplete`) with a single turn of the
    /// user's, or without a role, whose parts are all text; several parts are joined.
    public static func realtimeText(_ bytes: Span<UInt8>) -> RealtimeText? {
        var editor = JSONEditor()
        var words = LoneText()
        var others = false
        let rest = try? editor.object(bytes, depth: 0) { editor, key throws(Malformed) in
            let name = key.name(bytes)
            if name != .clientContent {
                if ClientMessage.Members(name) != nil { others = true }
                return try editor.pass(bytes, depth: 1, .keep)
            }
            let isSnake = !key.isEscaped && bytes[Int(key.range.lower) + 6] == UInt8(ascii: "_")
            let new = isSnake ? "realtime_input" : "realtimeInput"
            editor.edits.replace(key.range, with: Array(new.utf8))
            _ = editor.cursor.next(bytes)
            let start = editor.cursor.at
            words.contents += 1
            try words.readContent(&editor.cursor, bytes)
            let text = Array(#"{"text":""#.utf8) + words.text + Array(#""}"#.utf8)
            editor.edits.replace(ByteRange(start, editor.cursor.at), with: text)
            return .keep
        }
        guard rest != nil, (try? editor.cursor.close(bytes)) != nil, !others, words.isLone else {
            return nil
        }
        return RealtimeText(bytes: editor.edits.applied(to: bytes), dropped: words.dropped)
    }
}

/// The text of a `clientContent`, if it is a user's text and nothing else.
private struct LoneText {
    var contents = 0
    var asks = false
    var turns = 0
    /// Whether it contains anything but a user's text, or a duplicate.
    var isForeign = false
    /// Unchanged, with escapes, without quotes.
    var text: [UInt8] = []
    var dropped: [String] = []

    var isLone: Bool { contents == 1 && asks && turns == 1 && !isForeign && !text.isEmpty }

    mutating func readContent(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        try readMembers(&cursor, bytes, depth: 1, of: "clientContent") {
            words, cursor, name throws(Malformed) in
            switch name {
            case .turnComplete: words.asks = try cursor.bool(bytes, depth: 2) == true
            case .turns:
                var list = try cursor.enterList(bytes, depth: 2)
                while list != .end {
                    words.turns += 1
                    try words.readTurn(&cursor, bytes)
                    list = try cursor.advance(list, bytes)
                }
            default: return false
            }
            return true
        }
    }

    private mutating func readTurn(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        try readMembers(&cursor, bytes, depth: 3, of: "clientContent.turns") {
            words, cursor, name throws(Malformed) in
            switch name {
            case .role:
                let role = try cursor.string(bytes, depth: 4)?.range ?? .none
                if !role.isEmpty, !JSONText.equals(bytes, role, "user") { words.isForeign = true }
            case .parts:
                var list = try cursor.enterList(bytes, depth: 4)
                while list != .end {
                    try words.readPart(&cursor, bytes)
                    list = try cursor.advance(list, bytes)
                }
            default: return false
            }
            return true
        }
    }

    private mutating func readPart(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        var hasText = false
        try readMembers(&cursor, bytes, depth: 5, of: "clientContent.turns.parts") {
            words, cursor, name throws(Malformed) in
            switch name {
            case .text:
                guard let text = try cursor.string(bytes, depth: 6) else { return true }
                hasText = true
                Bytes.append(bytes.extracting(text.range.range), to: &words.text)
            case .inlineData:
                if try !cursor.isNull(bytes, depth: 6) { words.isForeign = true }
            default: return false
            }
            return true
        }
        if !hasText { isForeign = true }
    }

    /// Reads one object; `body` returns whether it has read a member. Others are dropped.
    private mutating func readMembers(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>, depth: Int, of path: String,
        _ body: (inout LoneText, inout JSONCursor, Name) throws(Malformed) -> Bool
    ) throws(Malformed) {
        var walk = JSONEditor(cursor: cursor)
        var seen = Seen()
        let rest = try walk.object(bytes, depth: depth) { walk, key throws(Malformed) in
            if seen.repeats(key.key(bytes)) { isForeign = true }
            if try body(&self, &walk.cursor, key.name(bytes)) { return .keep }
            if try !walk.cursor.isNull(bytes, depth: depth + 1), dropped.count < 16 {
                dropped.append(path + "." + JSONText.unescape(bytes, key.range, limit: 64))
            }
            return .keep
        }
        if rest == nil { isForeign = true }
        cursor = walk.cursor
    }
}
