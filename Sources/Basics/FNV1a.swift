/// FNV-1a, 64 bits: a hash that is the same in every process. Collisions are easy to construct, so
/// one may only harm the party that supplies the input.
public struct FNV1a: Equatable, Sendable {
    @usableFromInline var state: UInt64

    /// - Parameter value: The hash of what came before, to go on from.
    public init(_ value: UInt64 = 0xcbf2_9ce4_8422_2325) { state = value }

    /// The hash of the UTF-8 of `text`.
    public init(_ text: String) {
        self.init()
        add(text)
    }

    @inlinable public var value: UInt64 { state }

    @inlinable @inline(__always)
    public mutating func add(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }

    public mutating func add(_ bytes: Span<UInt8>) {
        for index in bytes.indices { add(bytes[index]) }
    }

    public mutating func add(_ bytes: [UInt8]) { add(bytes.span) }

    public mutating func add(_ text: String) { for byte in text.utf8 { add(byte) } }
}
