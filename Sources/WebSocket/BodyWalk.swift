/// Walks over an HTTP/1.1 body, piece by piece, up to its end (RFC 9112 sections 6 and 7.1).
struct BodyWalk: Sendable {
    enum Part {
        case content
        /// What frames it.
        case framing
        /// The extension of a chunk, or a field of the trailer.
        case extra
    }

    private enum State: Sendable {
        case data(remaining: Int)
        case size(Int, digits: Int)
        case sizeExtension(Int)
        case sizeEnd(Int)
        case chunk(remaining: Int)
        case chunkEnd
        case chunkEndFeed
        /// In the lines after the last chunk: the length of the current one so far.
        case trailer(Int)
        case trailerFeed(isLast: Bool)
        case untilClose
        case done
        /// The chunks are malformed.
        case malformed
    }

    /// Longest line of a trailer.
    private static let longestLine = 4096

    private var state: State

    init(_ framing: BodyFraming) {
        switch framing {
        case .length(let length): state = length > 0 ? .data(remaining: length) : .done
        case .chunked: state = .size(0, digits: 0)
        case .untilClose, .unclear: state = .untilClose
        }
    }

    var isComplete: Bool {
        if case .done = state { true } else { false }
    }

    /// The body ends with its connection.
    var endsWithConnection: Bool {
        if case .untilClose = state { true } else { false }
    }

    /// Where the piece that begins at `start` ends, and what it is; nil if the chunks are
    /// malformed. The body must not be complete.
    mutating func next(_ bytes: Span<UInt8>, from start: Int) -> (end: Int, part: Part)? {
        switch state {
        case .data(let remaining):
            let count = min(remaining, bytes.count - start)
            state = count < remaining ? .data(remaining: remaining - count) : .done
            return (start + count, .content)
        case .chunk(let remaining):
            let count = min(remaining, bytes.count - start)
            state = count < remaining ? .chunk(remaining: remaining - count) : .chunkEnd
            return (start + count, .content)
        case .untilClose: return (bytes.count, .content)
        default:
            let part: Part = isExtra(bytes[start]) ? .extra : .framing
            state = after(bytes[start])
            if case .malformed = state { return nil }
            return (start + 1, part)
        }
    }

    private func isExtra(_ byte: UInt8) -> Bool {
        switch state {
        case .size: byte == UInt8(ascii: ";")
        case .sizeExtension: byte != 0x0D
        case .trailer(let length): length > 0 || byte != 0x0D
        case .trailerFeed(let isLast): !isLast
        default: false
        }
    }

    /// The state after a byte of the framing.
    private func after(_ byte: UInt8) -> State {
        switch state {
        case .size(let size, let digits): return self.size(size, digits, byte)
        case .sizeExtension(let size):
            if byte == 0x0D { return .sizeEnd(size) }
            return isFieldByte(byte) ? state : .malformed
        case .sizeEnd(let size):
            guard byte == 0x0A else { return .malformed }
            return size == 0 ? .trailer(0) : .chunk(remaining: size)
        case .chunkEnd: return byte == 0x0D ? .chunkEndFeed : .malformed
        case .chunkEndFeed: return byte == 0x0A ? .size(0, digits: 0) : .malformed
        case .trailer(let length):
            if byte == 0x0D { return .trailerFeed(isLast: length == 0) }
            guard isFieldByte(byte), length < Self.longestLine else { return .malformed }
            return .trailer(length + 1)
        case .trailerFeed(let isLast):
            guard byte == 0x0A else { return .malformed }
            return isLast ? .done : .trailer(0)
        case .data, .chunk, .untilClose, .done, .malformed: return state
        }
    }

    private func size(_ size: Int, _ digits: Int, _ byte: UInt8) -> State {
        switch byte {
        case 0x0D where digits > 0: return .sizeEnd(size)
        case UInt8(ascii: ";") where digits > 0: return .sizeExtension(size)
        default:
            // Fifteen digits are a petabyte, and far from overflow.
            guard let digit = hexDigit(byte), digits < 15 else { return .malformed }
            return .size(size << 4 | digit, digits: digits + 1)
        }
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
