/// Reads and keeps the body of a request or an answer, such as that of a refused upgrade, which the
/// client shall see. Bytes above the limit are not kept; the body ends there.
public struct BodyReader: Sendable {
    private enum State: Sendable {
        case data(remaining: Int)
        case chunkSize(Int, digits: Int)
        case chunkExtension(Int)
        case chunkSizeEnd(Int)
        case chunk(remaining: Int)
        case chunkEnd
        case chunkEndFeed
        case untilClose
        case done
    }

    /// Longest body kept. Error pages take a few KiB.
    public static let defaultLimit = 64 << 10

    /// The body so far, without its framing.
    public private(set) var bytes: [UInt8] = []
    private let limit: Int
    private var state: State

    public init(_ framing: BodyFraming, limit: Int = BodyReader.defaultLimit) {
        self.limit = limit
        switch framing {
        case .length(0): state = .done
        case .length(let length): state = .data(remaining: length)
        case .chunked: state = .chunkSize(0, digits: 0)
        case .untilClose, .unclear: state = .untilClose
        }
    }

    /// Whether the body is complete, or as much of it as is kept. A body that ends with the
    /// connection is never complete before that.
    public var isComplete: Bool {
        if case .done = state { true } else { false }
    }

    /// Adds the next bytes. Throws 502 if chunks are malformed.
    public mutating func feed(_ input: Span<UInt8>) throws(HeadError) {
        for index in input.indices {
            if isComplete { return }
            try feed(input[index])
        }
    }

    private mutating func feed(_ byte: UInt8) throws(HeadError) {
        switch state {
        case .data(let remaining):
            state = remaining > 1 ? .data(remaining: remaining - 1) : .done
            keep(byte)
        case .chunkSize(let size, let digits):
            state = try chunkSize(size, digits, byte)
        case .chunkExtension(let size):
            if byte == 0x0D { state = .chunkSizeEnd(size) } else { try check(isFieldByte(byte)) }
        case .chunkSizeEnd(let size):
            try check(byte == 0x0A)
            // Trailers after the last chunk do not affect the body.
            state = size == 0 ? .done : .chunk(remaining: size)
        case .chunk(let remaining):
            state = remaining > 1 ? .chunk(remaining: remaining - 1) : .chunkEnd
            keep(byte)
        case .chunkEnd:
            try check(byte == 0x0D)
            state = .chunkEndFeed
        case .chunkEndFeed:
            try check(byte == 0x0A)
            state = .chunkSize(0, digits: 0)
        case .untilClose: keep(byte)
        case .done: break
        }
    }

    private func chunkSize(_ size: Int, _ digits: Int, _ byte: UInt8) throws(HeadError) -> State {
        switch byte {
        case 0x0D where digits > 0: return .chunkSizeEnd(size)
        case UInt8(ascii: ";") where digits > 0: return .chunkExtension(size)
        default:
            // Eight digits are 4 GiB, above any limit and far from overflow.
            guard let digit = hexDigit(byte), digits < 8 else {
                throw HeadError(502, "upstream's answer: malformed chunk")
            }
            return .chunkSize(size << 4 | digit, digits: digits + 1)
        }
    }

    private mutating func keep(_ byte: UInt8) {
        if bytes.count < limit { bytes.append(byte) }
        if bytes.count >= limit { state = .done }
    }

    private func check(_ holds: Bool) throws(HeadError) {
        guard holds else { throw HeadError(502, "upstream's answer: malformed chunk") }
    }
}

func hexDigit(_ byte: UInt8) -> Int? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
}
