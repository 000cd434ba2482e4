/// Byte primitives that need wide loads. The only file of the pure targets that steps outside
/// memory safety; every load below is preceded by the comparison that keeps it inside its span.
public enum Bytes {
    /// Offset of the first byte at or after `start` that ends or interrupts the text of a JSON
    /// string: a quote, a backslash or a control character below U+0020. `bytes.count` if there
    /// is none.
    ///
    /// Looks at 64 bytes at a time with a test that also stops at blanks and exclamation marks,
    /// which base64 never holds, and only then exactly, 16 at a time.
    @inline(never)
    public static func endOfText(in bytes: Span<UInt8>, from start: Int) -> Int {
        let count = bytes.count
        guard start >= 0, start < count else { return count }
        guard count >= 16 else { return endOfTextBytewise(bytes, from: start) }
        // SAFETY: the pointer is used inside the closure only; every load of n bytes at `at` is
        // guarded by `at + n <= count`, and `at` only grows from `start >= 0`.
        return unsafe bytes.withUnsafeBytes { raw in
            guard let base = raw.baseAddress else { return count }
            var at = start
            while at &+ 16 <= count {
                let found = unsafe interruption(load16(base, at))
                if found < 16 { return at &+ found }
                at &+= 16
                while at &+ 64 <= count, unsafe isPlain64(base, at) { at &+= 64 }
            }
            if at == count { return count }
            // Fewer than 16 bytes are left: look at the last 16 and forget those seen before.
            let tail = count &- 16
            let found = unsafe interruption(load16(base, tail), skipping: at &- tail)
            return found < 16 ? tail &+ found : count
        }
    }

    /// The 8 bytes at `offset`, the first in the lowest place. The span must hold them.
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

    /// The `count` (0...8) bytes at `offset`, the first in the lowest place, zeros above. The
    /// span must hold them.
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

    /// Whether the bytes of `range` are exactly the ASCII text `text`.
    @inlinable @inline(__always)
    public static func equal(_ bytes: Span<UInt8>, _ range: Range<Int>, _ text: StaticString)
        -> Bool
    {
        let count = text.utf8CodeUnitCount
        guard range.count == count, range.lowerBound >= 0, range.upperBound <= bytes.count
        else { return false }
        for place in 0..<count {
            // SAFETY: `place` is below the literal's length, and literals live for ever.
            let byte = unsafe text.utf8Start[place]
            if bytes[range.lowerBound &+ place] != byte { return false }
        }
        return true
    }
}

extension Bytes {
    private static func endOfTextBytewise(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while at < bytes.count {
            let byte = bytes[at]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { return at }
            at += 1
        }
        return at
    }

    // SAFETY: callers guarantee that 16 bytes at `offset` are readable.
    @unsafe @inline(__always)
    private static func load16(_ base: UnsafeRawPointer, _ offset: Int) -> SIMD16<UInt8> {
        unsafe base.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
    }

    /// Whether none of 64 bytes is below `#` or a backslash.
    // SAFETY: callers guarantee that 64 bytes at `offset` are readable.
    @unsafe @inline(__always)
    private static func isPlain64(_ base: UnsafeRawPointer, _ offset: Int) -> Bool {
        let a = unsafe load16(base, offset)
        let b = unsafe load16(base, offset &+ 16)
        let c = unsafe load16(base, offset &+ 32)
        let d = unsafe load16(base, offset &+ 48)
        let least = min(min(a, b), min(c, d))
        let low: SIMDMask<SIMD16<Int8>> = least .<= SIMD16<UInt8>(repeating: 0x22)
        let backslashes = isBackslash(a) .| isBackslash(b) .| isBackslash(c) .| isBackslash(d)
        let (first, last) = halves(low .| backslashes)
        return first | last == 0
    }

    /// Written out with concrete types, as are all comparisons here: the generic operators
    /// compile to loops over single lanes.
    @inline(__always)
    private static func min(_ a: SIMD16<UInt8>, _ b: SIMD16<UInt8>) -> SIMD16<UInt8> {
        let isLess: SIMDMask<SIMD16<Int8>> = b .< a
        return a.replacing(with: b, where: isLess)
    }

    @inline(__always)
    private static func isBackslash(_ block: SIMD16<UInt8>) -> SIMDMask<SIMD16<Int8>> {
        let backslash = SIMD16<UInt8>(repeating: 0x5C)
        return block .== backslash
    }

    /// Place of the first quote, backslash or control character at or after `skipping`; 16 if
    /// there is none.
    @inline(__always)
    private static func interruption(_ block: SIMD16<UInt8>, skipping: Int = 0) -> Int {
        // Flipping bit 1 takes the quote to 0x20, trades it for the blank and keeps controls
        // controls, so that one comparison finds both.
        let flipped: SIMD16<UInt8> = block ^ SIMD16<UInt8>(repeating: 2)
        let isLow: SIMDMask<SIMD16<Int8>> = flipped .<= SIMD16<UInt8>(repeating: 0x20)
        let hit = isLow .| isBackslash(block)
        let (low, high) = halves(hit)
        if skipping == 0 {
            if low != 0 { return low.trailingZeroBitCount >> 3 }
            if high != 0 { return 8 &+ (high.trailingZeroBitCount >> 3) }
            return 16
        }
        for place in skipping..<16 where hit[place] { return place }
        return 16
    }

    /// The mask's lanes as bits, the first lane in the lowest byte.
    @inline(__always)
    private static func halves(_ mask: SIMDMask<SIMD16<Int8>>) -> (UInt64, UInt64) {
        // SAFETY: both types are 16 plain bytes.
        let lanes = unsafe unsafeBitCast(mask, to: SIMD2<UInt64>.self)
        return (UInt64(littleEndian: lanes[0]), UInt64(littleEndian: lanes[1]))
    }
}
