import Basics

/// Duplicate names in one object of a `setup`, at any level, in the same spelling or in both,
/// escaped or not. Parsers disagree whether the first counts, or the last, or neither, so it is
/// unclear what such a message requests, and what of it a token fixes.
///
/// Inside labels and the schemas of tools and answers, names are the user's own: only identical
/// names are duplicates.
enum Twins {
    /// The position of the second of two duplicates in the `setup` of a message, or of a second
    /// `setup`.
    static func find(inSetup bytes: Span<UInt8>) throws(Malformed) -> Int? {
        var editor = JSONEditor()
        var twin: Int?
        var hasSetup = false
        _ = try editor.object(bytes, depth: 0) { editor, key throws(Malformed) in
            guard key.name(bytes) == .setup else {
                return try editor.pass(bytes, depth: 1, .keep)
            }
            if hasSetup { twin = twin ?? Int(key.range.lower) }
            hasSetup = true
            let found = try find(&editor.cursor, bytes, depth: 1)
            twin = twin ?? found
            return .keep
        }
        return twin
    }

    /// The position of the second of two duplicates in the next value, which is skipped; nil if
    /// there are none.
    static func find(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>, depth: Int, isSchema: Bool = false
    ) throws(Malformed) -> Int? {
        switch cursor.next(bytes) {
        case UInt8(ascii: "{"): break
        case UInt8(ascii: "["):
            guard depth < JSONCursor.deepest else { throw Malformed(.tooDeep, at: cursor.at) }
            var twin: Int?
            var list = try cursor.enterList(bytes, depth: depth)
            while list != .end {
                let found = try find(&cursor, bytes, depth: depth + 1, isSchema: isSchema)
                twin = twin ?? found
                list = try cursor.advance(list, bytes)
            }
            return twin
        default:
            try cursor.skip(bytes, depth: depth)
            return nil
        }
        guard depth < JSONCursor.deepest else { throw Malformed(.tooDeep, at: cursor.at) }
        var twin: Int?
        var seen = Names()
        var walk = JSONEditor(cursor: cursor)
        _ = try walk.object(bytes, depth: depth) { walk, key throws(Malformed) in
            let known = key.key(bytes)
            if seen.repeats(key, known, bytes, isSchema: isSchema) {
                twin = twin ?? Int(key.range.lower)
            }
            let found = try find(
                &walk.cursor, bytes, depth: depth + 1, isSchema: isSchema || known.name.isSchema)
            twin = twin ?? found
            return .keep
        }
        cursor = walk.cursor
        return twin
    }

    /// The names one object has had. Known names cost one bit each.
    private struct Names {
        private var known = Seen()
        private var others: Set<String> = []

        mutating func repeats(
            _ key: JSONCursor.Text, _ name: Key, _ bytes: Span<UInt8>, isSchema: Bool
        ) -> Bool {
            if name.name != .unknown, !isSchema { return known.repeats(name) }
            let text = JSONText.unescape(bytes, key.range, limit: .max)
            return !others.insert(isSchema ? text : Name.camel(text)).inserted
        }
    }
}

extension Name {
    /// Its value has names chosen by the user.
    fileprivate var isSchema: Bool {
        switch self {
        case .args, .labels, .parameters, .parametersJsonSchema, .response, .responseJsonSchema,
            .responseSchema:
            true
        default: false
        }
    }

    /// `top_k` -> `topK`, as protobuf derives it.
    static func camel(_ path: String) -> String {
        guard path.utf8.contains(UInt8(ascii: "_")) else { return path }
        var result = String.UnicodeScalarView()
        var isUpper = false
        for character in path.unicodeScalars {
            if character == "_" {
                isUpper = true
            } else if isUpper, ("a"..."z").contains(character) {
                result.append(Unicode.Scalar(UInt8(character.value) - 32))
                isUpper = false
            } else {
                result.append(character)
                isUpper = false
            }
        }
        return String(result)
    }
}
