import Foundation

/// A WebSocket client that knows only what these tests need and checks that frames are legal.
final class WebSocketClient {
    let connection: any ByteStream
    let answer: String

    struct Frame {
        var isFinal: Bool
        var opcode: UInt8
        var payload: [UInt8]
    }

    /// Sends the upgrade; `answer` is the head of what came back.
    init(_ connection: any ByteStream, target: String, headers: [String] = []) throws {
        self.connection = connection
        let lines =
            [
                "GET \(target) HTTP/1.1", "Host: localhost", "Upgrade: websocket",
                "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            ] + headers + ["", ""]
        try connection.send(Array(lines.joined(separator: "\r\n").utf8))
        answer = try connection.takeHead()
    }

    var isOpen: Bool { answer.hasPrefix("HTTP/1.1 101 ") }

    func send(_ payload: [UInt8], opcode: UInt8 = 1, isFinal: Bool = true) throws {
        let mask: [UInt8] = [1, 2, 3, 4]
        var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
        switch payload.count {
        case ..<126: bytes.append(0x80 | UInt8(payload.count))
        case ..<65536: bytes += [0xFE, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default:
            bytes.append(0xFF)
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: payload.count >> shift))
            }
        }
        bytes += mask
        bytes += payload.enumerated().map { $1 ^ mask[$0 & 3] }
        try connection.send(bytes)
    }

    func send(_ json: String) throws { try send(Array(json.utf8)) }

    func frame() throws -> Frame {
        let head = try connection.take(2)
        guard head[0] & 0x70 == 0, head[1] & 0x80 == 0 else {
            throw ClientError(description: "an illegal frame: \(head)")
        }
        var length = Int(head[1])
        if length >= 126 {
            length = try connection.take(length == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) }
        }
        return Frame(
            isFinal: head[0] & 0x80 != 0, opcode: head[0] & 15,
            payload: try connection.take(length))
    }

    /// The next whole data message as JSON, pings skipped.
    func json() throws -> [String: Any] {
        var message: [UInt8] = []
        while true {
            let frame = try frame()
            if frame.opcode == 9 || frame.opcode == 10 { continue }
            guard frame.opcode != 8 else {
                throw ClientError(description: "closed: \(closing(frame))")
            }
            message += frame.payload
            guard frame.isFinal else { continue }
            guard
                let object = try JSONSerialization.jsonObject(with: Data(message)) as? [String: Any]
            else { throw ClientError(description: "not an object") }
            return object
        }
    }

    /// Skips to the close frame.
    func close() throws -> (code: Int, reason: String) {
        while true {
            let frame = try frame()
            if frame.opcode == 8 { return closing(frame) }
        }
    }

    private func closing(_ frame: Frame) -> (code: Int, reason: String) {
        guard frame.payload.count >= 2 else { return (1005, "") }
        return (
            Int(frame.payload[0]) << 8 | Int(frame.payload[1]),
            String(decoding: frame.payload.dropFirst(2), as: UTF8.self)
        )
    }
}

protocol ByteStream: AnyObject {
    func send(_ bytes: [UInt8]) throws
    func take(_ count: Int) throws -> [UInt8]
    func takeHead() throws -> String
}

extension RawClient: ByteStream {}

/// The same through `openssl s_client`, which verifies the certificate.
final class TLSClient: ByteStream {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var buffered: [UInt8] = []

    init(port: Int, authority: String) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = [
            "s_client", "-quiet", "-verify_return_error", "-CAfile", authority, "-connect",
            "127.0.0.1:\(port)", "-servername", "localhost",
        ]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit { process.terminate() }

    func send(_ bytes: [UInt8]) throws { try input.fileHandleForWriting.write(contentsOf: bytes) }

    private func fill() throws {
        let data = output.fileHandleForReading.availableData
        guard !data.isEmpty else { throw ClientError(description: "s_client ended") }
        buffered += data
    }

    func take(_ count: Int) throws -> [UInt8] {
        while buffered.count < count { try fill() }
        defer { buffered.removeFirst(count) }
        return Array(buffered.prefix(count))
    }

    func takeHead() throws -> String {
        while true {
            if let end = Data(buffered).range(of: Data("\r\n\r\n".utf8)) {
                let head = try take(end.lowerBound)
                _ = try take(4)
                return String(decoding: head, as: UTF8.self)
            }
            try fill()
        }
    }
}
