import WebSocket

/// What a connection's reader makes of a stream, as the data plane will: frames walked, unmasked
/// and judged as they come, nothing looked at after a close or an offence.
struct Receiver {
    enum Seen: Equatable {
        case text([UInt8])
        case binary([UInt8])
        case ping([UInt8])
        case pong([UInt8])
        case close(UInt16, String)
        case blamed(UInt16)
    }

    private(set) var seen: [Seen] = []
    private var sequence: FrameSequence
    private var buffer: [UInt8] = []
    private var current: (header: FrameHeader, step: FrameSequence.Step, arrived: Int)?
    private var control: [UInt8] = []
    private var message: [UInt8] = []
    private var text = UTF8Validator()
    private var isOver = false

    init(role: Role, limit: Int = 32 << 20) {
        sequence = FrameSequence(role: role, messageLimit: limit)
    }

    mutating func feed(_ bytes: [UInt8]) {
        buffer += bytes
        var offset = 0
        do throws(Violation) {
            while !isOver {
                if current == nil {
                    guard let header = try FrameHeader.parse(buffer.span, at: offset) else { break }
                    offset += header.headerLength
                    current = (header, try sequence.admit(header), 0)
                }
                guard try takePayload(&offset) else { break }
            }
        } catch {
            seen.append(.blamed(error.closeCode))
            isOver = true
        }
        buffer.removeFirst(offset)
    }

    /// Whether the frame in hand is complete.
    private mutating func takePayload(_ offset: inout Int) throws(Violation) -> Bool {
        guard let (header, step, arrived) = current else { return false }
        let count = min(header.payloadLength - arrived, buffer.count - offset)
        var piece = Array(buffer[offset..<offset + count])
        offset += count
        if header.isMasked {
            var bytes = piece.mutableSpan
            _ = unmask(&bytes, mask: header.mask, phase: arrived)
        }
        if step == .control {
            control += piece
        } else {
            message += piece
            if sequence.messageOpcode == .text { try text.feed(piece.span) }
        }
        guard arrived + count == header.payloadLength else {
            current = (header, step, arrived + count)
            return false
        }
        current = nil
        try finish(header, step)
        return true
    }

    private mutating func finish(
        _ header: FrameHeader, _ step: FrameSequence.Step
    ) throws(Violation) {
        switch (step, header.opcode) {
        case (.control, .ping): seen.append(.ping(control))
        case (.control, .pong): seen.append(.pong(control))
        case (.control, _):
            let (code, reason) = try CloseFrame.parse(control.span)
            seen.append(.close(code, reason))
            isOver = true
        case (.first, _), (.middle, _): return
        case (.whole, _), (.last, _):
            if sequence.messageOpcode == .text {
                try text.finish()
                seen.append(.text(message))
            } else {
                seen.append(.binary(message))
            }
            message = []
        }
        control = []
    }
}

/// A frame written by the RFC's picture, independently of the codec, so that both can be wrong
/// only in different ways.
struct RawFrame {
    var fin = true
    var reserved: UInt8 = 0
    var opcode: UInt8
    var payload: [UInt8] = []

    static func text(_ text: String, fin: Bool = true) -> RawFrame {
        RawFrame(fin: fin, opcode: 1, payload: Array(text.utf8))
    }
    static func text(_ payload: [UInt8], fin: Bool = true) -> RawFrame {
        RawFrame(fin: fin, opcode: 1, payload: payload)
    }
    static func binary(_ payload: [UInt8]) -> RawFrame { RawFrame(opcode: 2, payload: payload) }
    static func more(_ payload: [UInt8], fin: Bool = false) -> RawFrame {
        RawFrame(fin: fin, opcode: 0, payload: payload)
    }
    static func more(_ text: String, fin: Bool = false) -> RawFrame {
        more(Array(text.utf8), fin: fin)
    }
    static func ping(_ payload: [UInt8] = []) -> RawFrame { RawFrame(opcode: 9, payload: payload) }
    static func pong(_ payload: [UInt8] = []) -> RawFrame { RawFrame(opcode: 10, payload: payload) }
    static func close(_ payload: [UInt8] = []) -> RawFrame { RawFrame(opcode: 8, payload: payload) }
    static func close(_ code: Int, _ reason: [UInt8] = []) -> RawFrame {
        close([UInt8(code >> 8), UInt8(code & 255)] + reason)
    }

    func bytes(masked: Bool, key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]) -> [UInt8] {
        var bytes = [(fin ? 0x80 : 0) | reserved << 4 | opcode]
        let maskBit: UInt8 = masked ? 0x80 : 0
        let count = payload.count
        if count < 126 {
            bytes.append(maskBit | UInt8(count))
        } else if count < 65536 {
            bytes += [maskBit | 126, UInt8(count >> 8), UInt8(count & 255)]
        } else {
            bytes.append(maskBit | 127)
            bytes += (0..<8).reversed().map { UInt8(count >> ($0 * 8) & 255) }
        }
        guard masked else { return bytes + payload }
        bytes += key
        return bytes + payload.enumerated().map { $1 ^ key[$0 % 4] }
    }
}

/// What both ends see of a stream, fed whole, in pieces of several sizes (one byte among them
/// where that is affordable), and with half a frame behind it; nil where these differ.
func outcome(of frames: [RawFrame], limit: Int = 32 << 20) -> [Receiver.Seen]? {
    var outcomes: [[Receiver.Seen]] = []
    for role in [Role.server, .client] {
        let bytes = frames.flatMap { $0.bytes(masked: role == .server) }
        let sizes = bytes.count < 8192 ? [bytes.count, 1, 3] : [bytes.count, 997, 65536]
        for size in sizes {
            var receiver = Receiver(role: role, limit: limit)
            for start in stride(from: 0, to: bytes.count, by: max(1, size)) {
                receiver.feed(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            outcomes.append(receiver.seen)
        }
        var receiver = Receiver(role: role, limit: limit)
        receiver.feed(bytes + [0x81])
        outcomes.append(receiver.seen)
    }
    return outcomes.allSatisfy { $0 == outcomes[0] } ? outcomes[0] : nil
}
