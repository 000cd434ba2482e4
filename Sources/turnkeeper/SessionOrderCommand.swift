import CLinux
import Glibc
import Manual
import Wire

extension Commands {
    /// `sessions end ID` and `drain ID`, through the admin port of any server of the service.
    static func order(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        let (verb, id) = (arguments.operands[0], arguments.operands[1])
        let address = arguments["admin"] ?? "127.0.0.1:8081"
        guard !id.isEmpty,
            id.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") })
        else {
            throw Arguments.Mistake(
                message: "\"\(id)\" is not a session id", hint: "turnkeeper sessions list")
        }
        var token: String?
        if let path = arguments["admin-token"] {
            guard let found = Self.text(of: path) else {
                throw Arguments.Mistake(
                    message: "--admin-token: \(path) cannot be read",
                    hint: "turnkeeper sessions \(verb) ID --admin-token FILE")
            }
            token = String(found.prefix { !$0.isWhitespace })
        }
        guard let answer = post("/api/sessions/\(id)/\(verb)", to: address, token: token) else {
            Output.error("turnkeeper: no answer from \(address)")
            Output.error("Try: --admin HOST:PORT, the --admin of serve")
            return 1
        }
        var parts = answer.split(separator: "\r\n\r\n", omittingEmptySubsequences: false)
        // A gateway in front of the admin port may send a 1xx before the answer.
        while parts.count > 1, parts[0].hasPrefix("HTTP/1.1 1") { parts.removeFirst() }
        let words = parts[0].split(separator: " ", maxSplits: 2).map(String.init)
        let body = parts.dropFirst().joined(separator: "\r\n\r\n")
        guard words.count == 3, ["200", "202"].contains(words[1]) else {
            refuse(id, verb, at: address, status: words.count > 1 ? words[1] : "", body)
            return 1
        }
        Output.result(body.filter { !$0.isNewline })
        return 0
    }

    /// What the server said, and what to do about it.
    private static func refuse(
        _ id: String, _ verb: String, at address: String, status: String, _ body: String
    ) {
        let said =
            JSONObject.string("error", in: Array(body.utf8).span)
            ?? String(body.filter { !$0.isNewline })
        Output.error("turnkeeper: \(address) says: \(said)")
        switch status {
        case "401", "403":
            Output.error(
                "Try: turnkeeper sessions \(verb) \(id) --admin-token FILE, the --admin-token of serve"
            )
        case "404": Output.error("Try: turnkeeper sessions list --live")
        default: break
        }
    }

    /// A request on its own connection; returns the whole answer, nil if there is none in time.
    private static func post(_ path: String, to address: String, token: String?) -> String? {
        guard let colon = address.lastIndex(of: ":"),
            let port = UInt16(address[address.index(after: colon)...])
        else { return nil }
        var host = String(address[..<colon]).filter { $0 != "[" && $0 != "]" }
        if host == "localhost" { host = "127.0.0.1" }
        var parsed = tk_address()
        // SAFETY, to the end: local variables and strings outlive the calls that read or write
        // them.
        guard unsafe tk_parse_address(host, &parsed) == 1 else { return nil }
        parsed.port = port
        let socket = tk_connect(parsed)
        guard socket >= 0 else { return nil }
        defer { close(socket) }
        guard isReady(socket, POLLOUT), tk_socket_error(socket) == 0 else { return nil }
        var request = "POST \(path) HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n"
        if let token { request += "Authorization: Bearer \(token)\r\n" }
        let bytes = Array((request + "Content-Length: 0\r\n\r\n").utf8)
        // Shorter than any socket's buffer.
        let sent = unsafe bytes.withUnsafeBytes {
            unsafe tk_send(socket, $0.baseAddress, $0.count)
        }
        guard sent == bytes.count else { return nil }
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while answer.count < 65_536, isReady(socket, POLLIN) {
            let count = unsafe piece.withUnsafeMutableBytes {
                unsafe read(socket, $0.baseAddress, $0.count)
            }
            if count <= 0 { break }
            answer += piece[..<count]
        }
        return answer.isEmpty ? nil : String(decoding: answer, as: UTF8.self)
    }

    private static func text(of path: String) -> String? {
        // SAFETY: the path is read during the call; the buffer has the stated length.
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe read(file, $0.baseAddress, $0.count)
        }
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    /// Waits as long as the admin port may take to answer.
    private static func isReady(_ socket: Int32, _ event: Int32) -> Bool {
        var wanted = pollfd(fd: socket, events: Int16(event), revents: 0)
        // SAFETY: one local, written during the call.
        return unsafe poll(&wanted, 1, 12_000) == 1
    }
}
