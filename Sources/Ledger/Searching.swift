import CSQLite

/// SQL's `says(text, words)`: whether a text has these words, which `fold` has made, in either case
/// of any alphabet. LIKE knows the case of ASCII letters only.
enum Searching {
    // SAFETY: `handle` is open, and closed only when no statement runs; the function refers to
    // nothing.
    static func register(in handle: OpaquePointer) -> Int32 {
        unsafe sqlite3_create_function_v2(
            handle, "says", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nil,
            { context, _, values in
                // SAFETY: SQLite calls with the two values that the function has; they and their
                // bytes are valid during the call, and none of them is changed by it.
                guard let text = unsafe sqlite3_value_text(values?[0]),
                    let words = unsafe sqlite3_value_text(values?[1])
                else { return unsafe sqlite3_result_int(context, 0) }
                let (textCount, wordsCount) = unsafe (
                    Int(sqlite3_value_bytes(values?[0])), Int(sqlite3_value_bytes(values?[1]))
                )
                let isThere = unsafe Searching.has(
                    Span(_unsafeStart: text, count: textCount),
                    Span(_unsafeStart: words, count: wordsCount))
                unsafe sqlite3_result_int(context, isThere ? 1 : 0)
            }, nil, nil, nil)
    }

    static func fold(_ words: String) -> String { words.lowercased() }

    private static func has(_ text: Span<UInt8>, _ words: Span<UInt8>) -> Bool {
        // A search reads every word that was ever said, and most of them are ASCII.
        var all: UInt8 = 0
        for place in text.indices { all |= text[place] }
        if all < 0x80 { return find(words, in: text) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        for place in text.indices { bytes.append(text[place]) }
        let folded = Array(fold(String(decoding: bytes, as: UTF8.self)).utf8)
        return find(words, in: folded.span)
    }

    private static func find(_ words: Span<UInt8>, in text: Span<UInt8>) -> Bool {
        guard !words.isEmpty, text.count >= words.count else { return words.isEmpty }
        let first = words[0]
        for start in 0...(text.count - words.count) where folded(text[start]) == first {
            var length = 1
            while length < words.count, folded(text[start + length]) == words[length] {
                length += 1
            }
            if length == words.count { return true }
        }
        return false
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }
}
