public import Basics

/// Appends the unmasked `source` to `output`, up to its capacity. `phase` is where `source` starts
/// in its payload (modulo 4). Masking is the same operation.
///
/// Returns whether everything written was ASCII; such text needs no further check.
@inlinable
public func unmask(
    _ source: Span<UInt8>, mask: UInt32, phase: Int = 0, into output: inout OutputSpan<UInt8>
) -> Bool {
    maskCopy(source, mask: mask, phase: phase, into: &output)
}

/// Unmasks, or masks, in place; returns whether the result is all ASCII.
@inlinable
public func unmask(_ bytes: inout MutableSpan<UInt8>, mask: UInt32, phase: Int = 0) -> Bool {
    maskInPlace(&bytes, mask: mask, phase: phase)
}
