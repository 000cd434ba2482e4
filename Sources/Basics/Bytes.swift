internal import CBytes

/// Byte primitives that need wide loads and therefore leave memory safety: every load below is
/// preceded by a comparison that keeps it inside its span.
public enum Bytes {
    /// Offset of the first byte at or after `start` that ends or interrupts a JSON string: a quote,
    /// a backslash or a control character below U+0020. `bytes.count` if there is none.
    ///
    /// The first 16 bytes are checked inline, because most strings end there.
    @inlinable @inline(__always)
    public static func endOfText(in bytes: Span<UInt8>, from start: Int) -> Int {
        guard start >= 0, start <= bytes.count &- 16 else {
            return endOfLastText(in: bytes, from: start)
        }
        // SAFETY: the guard above keeps 16 bytes at `start` inside the span, which outlives the
        // call.
        let found = unsafe bytes.withUnsafeBytes { raw in
            unsafe interruption(
                raw.loadUnaligned(fromByteOffset: start, as: SIMD16<UInt8>.self))
        }
        return found < 16 ? start &+ found : endOfLongerText(in: bytes, from: start &+ 16)
    }

    /// Checks the next 16 bytes: the longest names end there, and a text that goes on may be long.
    @usableFromInline @inline(never)
    static func endOfLongerText(in bytes: Span<UInt8>, from start: Int) -> Int {
        guard start >= 0, start <= bytes.count &- 16 else {
            return endOfLastText(in: bytes, from: start)
        }
        // SAFETY: as in `endOfText`.
        let found = unsafe bytes.withUnsafeBytes { raw in
            unsafe interruption(
                raw.loadUnaligned(fromByteOffset: start, as: SIMD16<UInt8>.self))
        }
        return found < 16 ? start &+ found : endOfLongText(in: bytes, from: start &+ 16)
    }

    /// The same as `endOfText`, for a text that is expected to have hundreds of bytes.
    @inline(never)
    static func endOfLongText(in bytes: Span<UInt8>, from start: Int) -> Int {
        let count = bytes.count
        guard start >= 0, start < count else { return count }
        // SAFETY: the pointer is used inside the closure only, for the `count` bytes it leads to.
        let at = unsafe bytes.withUnsafeBufferPointer { raw in
            guard let base = raw.baseAddress else { return count }
            return unsafe tk_end_of_text(base, start, count)
        }
        return count &- at < 16 ? endOfLastText(in: bytes, from: at) : at
    }

    /// Whether no byte of `range`, 32 or more, ends or interrupts a JSON string. A blank or an
    /// exclamation mark is refused as well: in base64 there is none.
    public static func isPlainText(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        precondition(range.count >= 32 && range.lowerBound >= 0 && range.upperBound <= bytes.count)
        // SAFETY: the precondition keeps the range inside the span, which outlives the closure.
        return unsafe bytes.withUnsafeBufferPointer { raw in
            guard let base = raw.baseAddress else { return false }
            return unsafe tk_is_plain_text(base + range.lowerBound, range.count) != 0
        }
    }

    /// The sum of squares, the number and the largest magnitude of samples, and where they end.
    struct Samples {
        var squares: Int64
        var count: Int64
        var peak: Int32
        var end: Int
    }

    /// Samples of PCM (16 bit, little endian) in plain base64: those in every `step`th of `groups`
    /// groups of eight characters from `start` on, up to the first group that is not base64.
    static func samples(
        _ bytes: Span<UInt8>, from start: Int, groups: Int, step: Int
    ) -> Samples {
        precondition(start >= 0 && groups >= 0 && step > 0 && bytes.count &- start >= groups &* 8)
        var samples = tk_samples()
        // SAFETY: the precondition keeps all groups inside the span, which outlives the closure.
        let length = unsafe bytes.withUnsafeBufferPointer { raw in
            guard let base = raw.baseAddress else { return groups &* 8 }
            return unsafe tk_read_samples(base + start, groups, step, &samples)
        }
        return Samples(
            squares: samples.squares, count: Int64(samples.count), peak: samples.peak,
            end: start + min(length, groups * 8))
    }

    /// Decodes base64 without padding to three quarters as many bytes.
    ///
    /// - Parameter text: Its length is a multiple of four, and 32 or more.
    /// - Returns: Whether all of it was base64 in this alphabet.
    static func decode(
        base64 text: Span<UInt8>, isURLSafe: Bool, into bytes: inout [UInt8]
    ) -> Bool {
        let count = text.count
        precondition(count >= 32 && count % 4 == 0 && bytes.count >= count / 4 * 3)
        // SAFETY: the precondition is what the function asks for; both pointers are used within
        // their closures only.
        return unsafe text.withUnsafeBufferPointer { source in
            unsafe bytes.withUnsafeMutableBufferPointer { target in
                guard let from = source.baseAddress, let to = target.baseAddress else {
                    return false
                }
                return unsafe tk_decode_base64(from, count, to, isURLSafe ? 1 : 0) != 0
            }
        }
    }

    /// The same for the last 15 bytes.
    @usableFromInline @inline(never)
    static func endOfLastText(in bytes: Span<UInt8>, from start: Int) -> Int {
        let count = bytes.count
        guard start >= 0, start < count else { return count }
        var at = start
        if count >= 8 {
            // One word that ends with the last bytes, shifted past those already checked.
            while at < count {
                let place = min(at, count &- 8)
                let word = word(bytes, at: place) >> UInt64((at &- place) &* 8)
                let found = interruption(word)
                if found < 8 { return min(at &+ found, count) }
                at = place &+ 8
            }
            return count
        }
        while at < count {
            let byte = bytes[at]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { return at }
            at &+= 1
        }
        return count
    }

    /// Appends a whole span at once; the standard library has only a loop for it.
    public static func append(_ bytes: Span<UInt8>, to array: inout [UInt8]) {
        // SAFETY: the pointer is read within the closure, and the array copies what it takes.
        unsafe bytes.withUnsafeBufferPointer { unsafe array.append(contentsOf: $0) }
    }

    /// The 8 bytes at `offset`, the first in the lowest position. The span must contain them.
    @inlinable @inline(__always)
    public static func word(_ bytes: Span<UInt8>, at offset: Int) -> UInt64 {
        precondition(offset >= 0 && bytes.count >= 8 && offset <= bytes.count &- 8)
        // SAFETY: the precondition above keeps all 8 bytes inside the span, which outlives the
        // call.
        return unsafe bytes.withUnsafeBytes { raw in
            unsafe UInt64(
                littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
    }

    /// The `count` (0...8) bytes at `offset`, the first in the lowest position, zeros above. The
    /// span must contain them.
    @inlinable @inline(__always)
    public static func word(_ bytes: Span<UInt8>, at offset: Int, count: Int) -> UInt64 {
        if count == 8 { return word(bytes, at: offset) }
        if offset >= 0, bytes.count >= 8, offset <= bytes.count &- 8 {
            return word(bytes, at: offset) & ((1 << UInt64(count &* 8)) &- 1)
        }
        var result: UInt64 = 0
        for place in 0..<count {
            result |= UInt64(bytes[offset + place]) << UInt64(place &* 8)
        }
        return result
    }

    /// Up to 40 bytes as words that overlap if there are fewer: the first three from the start, the
    /// last two up to the end, unused ones zero. Two byte sequences of equal length give equal
    /// words exactly if they are equal.
    @inlinable @inline(__always)
    public static func words(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Words {
        let count = end &- start
        precondition(start >= 0 && count >= 0 && count <= 40 && end <= bytes.count)
        if count <= 8 {
            return Words(first: word(bytes, at: start, count: count), count: count)
        }
        // SAFETY: the precondition keeps `start..<end` inside the span; every word below lies in
        // it, since there are more than 8 bytes for the first two and so on.
        return unsafe bytes.withUnsafeBytes { raw in
            unsafe Words(
                first: word(raw, start), second: count > 16 ? word(raw, start &+ 8) : 0,
                third: count > 32 ? word(raw, start &+ 16) : 0,
                fourth: count > 16 ? word(raw, end &- 16) : 0, last: word(raw, end &- 8),
                count: count)
        }
    }

    // SAFETY: callers guarantee that 8 bytes at `offset` are readable.
    @unsafe @inlinable @inline(__always)
    static func word(_ raw: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        unsafe UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Whether the bytes of `range` are exactly the ASCII text `text`.
    @inlinable @inline(__always)
    public static func equal(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ text: StaticString
    ) -> Bool {
        range.count == text.utf8CodeUnitCount && starts(bytes, at: range.lowerBound, with: text)
    }

    /// Whether the bytes of `text` are at `offset`.
    public static func starts(
        _ bytes: Span<UInt8>, at offset: Int, with text: Span<UInt8>
    ) -> Bool {
        let count = text.count
        guard offset >= 0, offset <= bytes.count &- count else { return false }
        var place = 0
        while place &+ 8 <= count {
            if word(bytes, at: offset &+ place) != word(text, at: place) { return false }
            place &+= 8
        }
        return word(bytes, at: offset &+ place, count: count &- place)
            == word(text, at: place, count: count &- place)
    }

    /// Whether the ASCII text `text` is at `offset`. Compares whole words, which are constants for
    /// a literal.
    @inlinable @inline(__always)
    public static func starts(
        _ bytes: Span<UInt8>, at offset: Int, with text: StaticString
    ) -> Bool {
        let count = text.utf8CodeUnitCount
        guard offset >= 0, offset <= bytes.count &- count else { return false }
        // SAFETY: the guard keeps `count` bytes at `offset` inside the span, a literal has `count`
        // bytes and is never deallocated; every load below ends at or before `count`.
        return unsafe bytes.withUnsafeBytes { raw in
            let literal = unsafe UnsafeRawBufferPointer(start: text.utf8Start, count: count)
            var place = 0
            while place &+ 8 <= count {
                if unsafe word(raw, offset &+ place) != word(literal, place) { return false }
                place &+= 8
            }
            if place == count { return true }
            if count >= 8 {
                return unsafe word(raw, offset &+ count &- 8) == word(literal, count &- 8)
            }
            while place < count {
                if unsafe raw[offset &+ place] != literal[place] { return false }
                place &+= 1
            }
            return true
        }
    }
}

extension Bytes {
    // Written out with concrete types: the generic operators compile to loops over single lanes.

    @inlinable @inline(__always)
    static func isBackslash(_ block: SIMD16<UInt8>) -> SIMDMask<SIMD16<Int8>> {
        let backslash = SIMD16<UInt8>(repeating: 0x5C)
        return block .== backslash
    }

    /// Index of the first quote, backslash or control character; 16 if there is none.
    @inlinable @inline(__always)
    static func interruption(_ block: SIMD16<UInt8>) -> Int {
        // Flipping bit 1 maps the quote to 0x20, swaps it with the blank and keeps controls below
        // 0x20, so that one comparison finds both.
        let flipped: SIMD16<UInt8> = block ^ SIMD16<UInt8>(repeating: 2)
        let isLow: SIMDMask<SIMD16<Int8>> = flipped .<= SIMD16<UInt8>(repeating: 0x20)
        let (low, high) = halves(isLow .| isBackslash(block))
        if low != 0 { return low.trailingZeroBitCount &>> 3 }
        return 8 &+ (high.trailingZeroBitCount &>> 3)
    }

    /// The same for 8 bytes; 8 if there is none. The classic test for a byte below n, exact for the
    /// lowest such byte, which is the one needed.
    @inline(__always)
    private static func interruption(_ word: UInt64) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let flipped = word ^ (2 &* ones)
        let backslash = word ^ (0x5C &* ones)
        let low = (flipped &- 0x21 &* ones) & ~flipped
        let zero = (backslash &- ones) & ~backslash
        return ((low | zero) & (0x80 &* ones)).trailingZeroBitCount &>> 3
    }

    /// The mask's lanes as bits, the first lane in the lowest byte.
    @inlinable @inline(__always)
    static func halves(_ mask: SIMDMask<SIMD16<Int8>>) -> (UInt64, UInt64) {
        // SAFETY: both types are 16 plain bytes.
        let lanes = unsafe unsafeBitCast(mask, to: SIMD2<UInt64>.self)
        return (UInt64(littleEndian: lanes[0]), UInt64(littleEndian: lanes[1]))
    }
}

/// The result of `Bytes.words`.
public struct Words: Equatable, Sendable, BitwiseCopyable {
    public var first: UInt64
    public var second: UInt64
    public var third: UInt64
    public var fourth: UInt64
    public var last: UInt64
    public var count: Int

    @inlinable @inline(__always)
    public init(
        first: UInt64, second: UInt64 = 0, third: UInt64 = 0, fourth: UInt64 = 0,
        last: UInt64 = 0, count: Int
    ) {
        self.first = first
        self.second = second
        self.third = third
        self.fourth = fourth
        self.last = last
        self.count = count
    }
}

extension [UInt8] {
    /// What a span shows, all copied at once.
    public init(copying bytes: Span<UInt8>) {
        // SAFETY: the pointer is read within the closure, and the array copies what it takes.
        self = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    }
}
