import Foundation
import Glibc

struct ClientError: Error, CustomStringConvertible { let description: String }

/// A blocking TCP client that shows bytes as they are. Every wait ends after a minute.
final class RawClient {
    let socket: Int32
    private(set) var buffered: [UInt8] = []

    init(port: Int, receiveBuffer: Int32? = nil) throws {
        // Closed in programs that other tests start, which would keep the connection open.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        socket = Glibc.socket(AF_INET, kind, 0)
        guard socket >= 0 else { throw ClientError(description: "socket: \(errno)") }
        if var receiveBuffer {
            setsockopt(
                socket, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw ClientError(description: "connect: \(errno)") }
        var wait = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(socket) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { piece in
                resumed { Glibc.send(socket, piece.baseAddress, piece.count, Int32(MSG_NOSIGNAL)) }
            }
            guard count > 0 else { throw ClientError(description: "send: \(errno)") }
            sent += count
        }
    }

    /// A wait with a limit is given up when the process was stopped and continues.
    private func resumed(_ call: () -> Int) -> Int {
        while true {
            let count = call()
            if count >= 0 || errno != EINTR { return count }
        }
    }

    /// More bytes into `buffered`; false at the end of the stream.
    func fill() throws -> Bool {
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        let count = resumed { recv(socket, &piece, piece.count, 0) }
        guard count >= 0 else { throw ClientError(description: "recv: \(errno)") }
        buffered += piece.prefix(count)
        return count > 0
    }

    func take(_ count: Int) throws -> [UInt8] {
        while buffered.count < count {
            guard try fill() else { throw ClientError(description: "the peer hung up") }
        }
        defer { buffered.removeFirst(count) }
        return Array(buffered.prefix(count))
    }

    func takeRest() throws -> [UInt8] {
        while try fill() {}
        defer { buffered = [] }
        return buffered
    }

    /// Up to and without the empty line.
    func takeHead() throws -> String {
        let end: [UInt8] = Array("\r\n\r\n".utf8)
        var from = 0
        while true {
            if buffered.count >= 4 {
                for start in from...(buffered.count - 4)
                where buffered[start..<start + 4].elementsEqual(end) {
                    let head = try take(start)
                    _ = try take(4)
                    return String(decoding: head, as: UTF8.self)
                }
                from = buffered.count - 3
            }
            guard try fill() else { throw ClientError(description: "no head: \(buffered.count)") }
        }
    }
}

/// Waits, a minute at most, until it holds; then whether it does.
func until(_ holds: () -> Bool) -> Bool {
    for _ in 0..<6000 {
        if holds() { return true }
        usleep(10_000)
    }
    return false
}

struct Answer {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// Reads one answer; `hasBody` false for those to HEAD.
    init(from client: RawClient, hasBody: Bool = true) throws {
        let lines = try client.takeHead().components(separatedBy: "\r\n")
        let parts = lines[0].split(separator: " ")
        guard parts.count >= 2, parts[0] == "HTTP/1.1", let status = Int(parts[1]) else {
            throw ClientError(description: "status line \(lines[0])")
        }
        self.status = status
        headers = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] =
                line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        body = []
        guard hasBody else { return }
        if let length = headers["content-length"].flatMap({ Int($0) }) {
            body = try client.take(length)
        } else {
            body = try client.takeRest()
        }
    }
}

extension RawClient {
    func request(_ target: String, method: String = "GET", headers: [String] = []) throws -> Answer
    {
        let lines = ["\(method) \(target) HTTP/1.1", "Host: localhost"] + headers + ["", ""]
        try send(lines.joined(separator: "\r\n"))
        return try Answer(from: self, hasBody: method != "HEAD")
    }
}
