internal import CBytes

// XOR with a repeating four-byte mask, and the search for a byte above 7F, at vector speed. Besides
// `Bytes.swift` the only file where a pure target touches raw memory: a bounds check per byte would
// cost more than everything else that happens to a message.
//
// A mask's lowest byte is the one that meets the first byte of a payload (phase 0).

/// Writes `source` XOR the mask to `destination`. Both have the same length; they may be the same
/// memory but must not overlap otherwise. If lengths differ the shorter one counts.
///
/// Returns whether every byte written was ASCII.
@inlinable
@unsafe
public func maskCopy(
    _ source: UnsafeRawBufferPointer, mask: UInt32, phase: Int = 0,
    into destination: UnsafeMutableRawBufferPointer
) -> Bool {
    let count = min(source.count, destination.count)
    guard count > 0, let from = source.baseAddress,
        let to = destination.baseAddress
    else { return true }
    // SAFETY: the caller owns both buffers for the length of the call; every load and store below
    // lies within `count`, which neither buffer is shorter than.
    return unsafe maskCopy(from, to, count, rotated(mask, phase: phase))
}

/// Masks in place. Returns whether every byte written was ASCII.
@inlinable
@unsafe
public func maskInPlace(
    _ bytes: UnsafeMutableRawBufferPointer, mask: UInt32, phase: Int = 0
) -> Bool {
    // SAFETY: one buffer as source and destination, which `maskCopy` allows.
    unsafe maskCopy(UnsafeRawBufferPointer(bytes), mask: mask, phase: phase, into: bytes)
}

/// Appends `source` XOR the mask to `output`, up to its capacity. Returns whether every byte
/// written was ASCII.
@inlinable
public func maskCopy(
    _ source: Span<UInt8>, mask: UInt32, phase: Int = 0, into output: inout OutputSpan<UInt8>
) -> Bool {
    // SAFETY: both spans outlive the closures they lend their memory to; the output's exclusive
    // access rules out overlap; `initialized` grows by exactly what was written.
    unsafe source.withUnsafeBytes { from in
        unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
            let room = unsafe UnsafeMutableRawBufferPointer(
                rebasing: UnsafeMutableRawBufferPointer(buffer)[initialized...])
            let isASCII = unsafe maskCopy(from, mask: mask, phase: phase, into: room)
            initialized += min(from.count, room.count)
            return isASCII
        }
    }
}

/// Masks in place. Returns whether every byte written was ASCII.
@inlinable
public func maskInPlace(
    _ bytes: inout MutableSpan<UInt8>, mask: UInt32, phase: Int = 0
) -> Bool {
    // SAFETY: the span's exclusive access covers the closure it lends its memory to.
    unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe maskInPlace(buffer, mask: mask, phase: phase)
    }
}

/// Where the run of ASCII that starts at `start` ends: the index of the first byte above 7F, or
/// the count.
@inlinable
public func asciiPrefixEnd(_ bytes: Span<UInt8>, from start: Int = 0) -> Int {
    // SAFETY: the span outlives the closure it lends its memory to.
    unsafe bytes.withUnsafeBytes { unsafe asciiPrefixEnd($0, from: start) }
}

/// Where the run of ASCII that starts at `start` ends: the index of the first byte above 7F, or
/// the count.
@inlinable
@unsafe
public func asciiPrefixEnd(_ bytes: UnsafeRawBufferPointer, from start: Int = 0) -> Int {
    let count = bytes.count
    guard let base = bytes.baseAddress else { return count }
    var index = max(0, start)
    // SAFETY: the caller owns the buffer for the length of the call; each load is guarded by its
    // loop's condition.
    while count &- index >= 64 {
        let block = unsafe base.loadUnaligned(fromByteOffset: index, as: SIMD8<UInt64>.self)
        let halves = block.lowHalf | block.highHalf
        let quarters = halves.lowHalf | halves.highHalf
        if (quarters[0] | quarters[1]) & highBits != 0 { break }
        index &+= 64
    }
    while count &- index >= 8 {
        let word = unsafe base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        let high = UInt64(littleEndian: word) & highBits
        if high != 0 { return index &+ high.trailingZeroBitCount / 8 }
        index &+= 8
    }
    while index < count, unsafe base.load(fromByteOffset: index, as: UInt8.self) < 0x80 {
        index &+= 1
    }
    return min(index, count)
}

@inlinable var highBits: UInt64 { 0x8080_8080_8080_8080 }

/// The mask as it applies to a payload's bytes from `phase` on.
@inlinable
func rotated(_ mask: UInt32, phase: Int) -> UInt32 {
    let shift = UInt32(truncatingIfNeeded: phase & 3) &* 8
    return mask &>> shift | mask &<< (32 &- shift & 31)
}

// SAFETY: `maskCopy` above guarantees `count` readable and writable bytes.
@usableFromInline
@unsafe
func maskCopy(
    _ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ count: Int, _ mask: UInt32
) -> Bool {
    unsafe tk_mask_copy(source, destination, count, mask) == 1
}
