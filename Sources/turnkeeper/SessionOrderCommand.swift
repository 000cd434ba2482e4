import CLinux
import Glibc
import Manual
import Proxy
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
        guard
            let port = AdminClient(
                address, authorities: arguments["ca"], name: arguments["admin-name"])
        else {
            throw Arguments.Mistake(
                message: "--admin takes HOST:PORT, not \"\(address)\"",
                hint: "turnkeeper sessions \(verb) ID --admin turnkeeper-0.example:8081")
        }
        switch port.post("/api/sessions/\(id)/\(verb)", token: token) {
        case .success(let answer) where answer.status == 200 || answer.status == 202:
            Output.result(answer.text.filter { !$0.isNewline })
            return 0
        case .success(let answer): refuse(id, verb, at: address, answer)
        case .failure(let failure):
            Output.error("turnkeeper: no answer from \(address): \(failure.description)")
            Output.error("Try: \(port.isEncrypted ? encryptedAdvice : plainAdvice)")
        }
        return 1
    }

    private static let plainAdvice =
        "--admin HOST:PORT, the --admin of serve; with --ca FILE if serve has --tls CERT.pem,KEY.pem"
    private static let encryptedAdvice =
        "--ca FILE, the authority of serve's --tls; --admin-name NAME, a name in its certificate"

    /// What the server said, and what to do about it.
    private static func refuse(
        _ id: String, _ verb: String, at address: String, _ answer: AdminClient.Answer
    ) {
        let said =
            JSONObject.string("error", in: answer.body.span)
            ?? String(answer.text.filter { !$0.isNewline })
        Output.error("turnkeeper: \(address) says: \(said)")
        switch answer.status {
        case 401, 403:
            Output.error(
                "Try: turnkeeper sessions \(verb) \(id) --admin-token FILE, the --admin-token of serve"
            )
        case 404: Output.error("Try: turnkeeper sessions list --live")
        default: break
        }
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
}
