/// Finds the end of an HTTP/1.1 body that is being forwarded, without keeping any of it. Its
/// framing is forwarded, except for chunk extensions and trailer fields (RFC 9112 section 7.1): we
/// do not examine them, and the next hop might act on them.
public struct BodyMeter: Sendable {
    private var walk: BodyWalk

    public init(_ framing: BodyFraming) { walk = BodyWalk(framing) }

    public var isComplete: Bool { walk.isComplete }

    /// The body ends with its connection.
    public var endsWithConnection: Bool { walk.endsWithConnection }

    /// The ranges of these bytes to forward, in order; what follows a complete body is in none.
    /// Throws 400 if chunks are malformed.
    public mutating func add(_ bytes: Span<UInt8>) throws(HeadError) -> [Range<Int>] {
        var kept: [Range<Int>] = []
        var at = 0
        while at < bytes.count, !isComplete {
            guard let (end, part) = walk.next(bytes, from: at) else {
                throw HeadError(400, "malformed chunk")
            }
            if part == .extra {
                // Left out.
            } else if let last = kept.last, last.upperBound == at {
                kept[kept.count - 1] = last.lowerBound..<end
            } else {
                kept.append(at..<end)
            }
            at = end
        }
        return kept
    }
}
