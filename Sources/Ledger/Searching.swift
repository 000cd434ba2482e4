import CSQLite

/// SQL's `says(text, words)`: whether a text has these words, in either case of any alphabet. LIKE
/// knows the case of ASCII letters only.
enum Searching {
    // SAFETY: `handle` is open, and closed only when no statement runs; the function refers to nothing.
    static func register(in handle: OpaquePointer) -> Int32 {
        unsafe sqlite3_create_function_v2(
            handle, "says", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nil,
            { context, _, values in
                // SAFETY: SQLite calls with the two values that the function has, which are valid
                // during the call.
                let isThere =
                    if let text = unsafe Searching.folded(values?[0]),
                        let words = unsafe Searching.folded(values?[1])
                    { Searching.has(text, words) } else { false }
                unsafe sqlite3_result_int(context, isThere ? 1 : 0)
            }, nil, nil, nil)
    }

    // SAFETY: callers pass a value that is valid during the call; its bytes are copied.
    private static func folded(_ value: OpaquePointer?) -> [UInt8]? {
        guard let start = unsafe sqlite3_value_text(value) else { return nil }
        let bytes = unsafe UnsafeBufferPointer(
            start: start, count: Int(sqlite3_value_bytes(value)))
        return unsafe folded(Array(bytes))
    }

    static func folded(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.allSatisfy({ $0 < 0x80 }) else {
            return Array(String(decoding: bytes, as: UTF8.self).lowercased().utf8)
        }
        return bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }

    static func has(_ text: [UInt8], _ words: [UInt8]) -> Bool {
        guard let first = words.first else { return true }
        guard text.count >= words.count else { return false }
        for start in 0...(text.count - words.count) where text[start] == first {
            if text[start...].starts(with: words) { return true }
        }
        return false
    }
}
