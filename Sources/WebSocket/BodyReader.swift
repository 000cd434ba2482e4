import Basics

/// Reads and keeps the body of a request or an answer, such as that of a refused upgrade, which the
/// client shall see. Bytes above the limit are not kept; the body ends there.
public struct BodyReader: Sendable {
    /// Longest body kept. Error pages take a few KiB.
    public static let defaultLimit = 64 << 10

    /// The body so far, without its framing.
    public private(set) var bytes: [UInt8] = []
    private let limit: Int
    private var walk: BodyWalk

    public init(_ framing: BodyFraming, limit: Int = BodyReader.defaultLimit) {
        self.limit = limit
        walk = BodyWalk(framing)
    }

    /// Whether the body is complete, or as much of it as is kept. A body that ends with the
    /// connection is never complete before that.
    public var isComplete: Bool { walk.isComplete || bytes.count >= limit }

    /// Adds the next bytes. Throws 502 if chunks are malformed.
    public mutating func feed(_ input: Span<UInt8>) throws(HeadError) {
        var at = 0
        while at < input.count, !isComplete {
            guard let (end, part) = walk.next(input, from: at) else {
                throw HeadError(502, "upstream's answer: malformed chunk")
            }
            if part == .content {
                let kept = min(end, at + limit - bytes.count)
                Bytes.append(input.extracting(at..<kept), to: &bytes)
            }
            at = end
        }
    }
}
