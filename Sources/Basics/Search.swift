extension [UInt8] {
    /// The first occurrence of `needle` from `start` on. A plain loop, for tools and tests: the
    /// standard library's search takes a hundred times as long for bytes.
    public func firstRange(of needle: [UInt8], from start: Int = 0) -> Range<Int>? {
        guard let first = needle.first, count - start >= needle.count else { return nil }
        for place in start...(count - needle.count) where self[place] == first {
            if self[place..<place + needle.count].elementsEqual(needle) {
                return place..<place + needle.count
            }
        }
        return nil
    }

    /// Whether `needle` occurs in it.
    public func mentions(_ needle: [UInt8]) -> Bool { firstRange(of: needle) != nil }
}

extension StringProtocol {
    /// Whether it contains `word`, byte for byte.
    public func mentions(_ word: String) -> Bool { Array(utf8).mentions(Array(word.utf8)) }
}
