import Basics
import CLinux
import COpenSSL
import Policies
import Transport
import WebSocket
import Wire

/// One request to a token server: an assertion signed with a service account's key (RFC 7523), or a
/// request to the machine's metadata server.
final class TokenFetch {
    struct Answer {
        var token: String
        var life: Interval
    }
    typealias Failure = HTTPFetch.Failure

    /// A stalled fetch has been seen to hang for minutes (failure catalogue 3.4).
    private static let longest = Interval.seconds(20)
    private static let scope = "https://www.googleapis.com/auth/cloud-platform"

    private let source: Policy.Credentials
    private let loop: EventLoop
    private var done: ((Result<Answer, Failure>) -> Void)?
    private var fetch: HTTPFetch?

    init(
        _ source: Policy.Credentials, _ loop: EventLoop,
        _ done: @escaping (Result<Answer, Failure>) -> Void
    ) {
        self.source = source
        self.loop = loop
        self.done = done
    }

    func start() {
        do throws(Failure) {
            let (url, question) = try prepare()
            let fetch = HTTPFetch("token server", loop, within: Self.longest) { [weak self] in
                self?.answered($0)
            }
            self.fetch = fetch
            fetch.start(question, to: url.endpoint, try trust(url))
        } catch {
            end(.failure(error))
        }
    }

    func cancel() {
        done = nil
        fetch?.cancel()
        fetch = nil
    }

    private func trust(_ url: FetchURL) throws(Failure) -> ClientTLS? {
        guard url.endpoint.isSecure else { return nil }
        do throws(TLSError) {
            return try ClientTLS()
        } catch {
            throw Failure(description: "\(error)")
        }
    }

    // MARK: The question

    private func prepare() throws(Failure) -> (url: FetchURL, request: [UInt8]) {
        switch source {
        case .metadata:
            // The variable that Google's own libraries use.
            let host = Self.environment("GCE_METADATA_HOST") ?? "metadata.google.internal"
            let path = "/computeMetadata/v1/instance/service-accounts/default/token"
            guard let url = FetchURL("http://\(host)\(path)", allowsPlaintext: true) else {
                throw Failure(description: "GCE_METADATA_HOST is not a host")
            }
            return (url, url.request("GET", "Metadata-Flavor: Google\r\n", body: ""))
        case .file(let path):
            let account = try ServiceAccount(path)
            guard let url = FetchURL(account.tokenURI) else {
                throw Failure(description: "\(path): token_uri must be an https URL")
            }
            let form =
                "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="
                + (try account.assertion(Self.scope))
            let type = "Content-Type: application/x-www-form-urlencoded\r\n"
            return (url, url.request("POST", type, body: form))
        }
    }

    private static func environment(_ name: String) -> String? {
        // SAFETY: the C string belongs to the environment, which is not changed here; it is copied.
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    // MARK: The answer

    private func answered(_ result: Result<HTTPFetch.Answer, Failure>) {
        let (status, bytes): (UInt16, [UInt8])
        switch result {
        case .failure(let failure): return end(.failure(failure))
        case .success(let answer): (status, bytes) = (answer.status, answer.body)
        }
        guard status == 200 else {
            // `error` is one word of RFC 6749; other parts of an answer are not repeated.
            let word = (JSONObject.string("error", in: bytes.span) ?? "").filter {
                $0.isASCII && ($0.isLetter || $0 == "_")
            }
            let why = "the token server answered \(status) \(word.prefix(40))"
            return end(.failure(Failure(description: why)))
        }
        guard let token = JSONObject.string("access_token", in: bytes.span),
            HeaderField("Authorization", token) != nil, !token.isEmpty,
            let life = JSONObject.integer("expires_in", in: bytes.span), life > 0
        else {
            return end(.failure(Failure(description: "the token server's answer has no token")))
        }
        end(.success(Answer(token: token, life: .seconds(min(life, 86_400)))))
    }

    private func end(_ result: Result<Answer, Failure>) {
        fetch = nil
        let done = self.done
        self.done = nil
        done?(result)
    }
}

/// Where requests may go: `https` anywhere, `http` only if the request never leaves the machine or
/// its host.
struct FetchURL {
    var endpoint: Endpoint
    var target: String

    init?(_ text: String, allowsPlaintext: Bool = false) {
        let isSecure = text.hasPrefix("https://")
        guard isSecure || text.hasPrefix("http://") else { return nil }
        let rest = text.dropFirst(isSecure ? 8 : 7)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard let upstream = Upstream(url: (isSecure ? "wss://" : "ws://") + authority) else {
            return nil
        }
        endpoint = upstream.endpoint
        target = String(rest.dropFirst(authority.count))
        if !target.hasPrefix("/") { target = "/" + target }
        guard isSecure || endpoint.isOfThisMachine || allowsPlaintext,
            target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
    }

    init(_ endpoint: Endpoint, _ target: String) {
        self.endpoint = endpoint
        self.target = target
    }

    func request(_ method: String, _ fields: String, body: String) -> [UInt8] {
        request(method, fields, body: Array(body.utf8))
    }

    /// - Parameter fields: Whole lines.
    func request(_ method: String, _ fields: String, body: [UInt8]) -> [UInt8] {
        Array(
            ("\(method) \(target) HTTP/1.1\r\nHost: \(endpoint.authority)\r\n\(fields)"
                + "Content-Length: \(body.count)\r\nAccept: application/json\r\n"
                + "Connection: close\r\n\r\n").utf8) + body
    }
}

/// A service account's key file, as issued by Google's console.
struct ServiceAccount {
    let tokenURI: String
    private let email: String
    private let keyID: String
    private let key: String

    init(_ path: String) throws(TokenFetch.Failure) {
        guard let bytes = File.read(path, limit: 64 << 10) else {
            throw TokenFetch.Failure(description: "\(path) cannot be read")
        }
        guard JSONObject.string("type", in: bytes.span) == "service_account",
            let email = JSONObject.string("client_email", in: bytes.span),
            let key = JSONObject.string("private_key", in: bytes.span),
            let tokenURI = JSONObject.string("token_uri", in: bytes.span)
        else {
            throw TokenFetch.Failure(description: "\(path) is not a service account's key file")
        }
        self.email = email
        self.key = key
        self.tokenURI = tokenURI
        keyID = JSONObject.string("private_key_id", in: bytes.span) ?? ""
    }

    /// Why a file is not a service account's key; nil if it is.
    static func obstacle(toUsing path: String) -> String? {
        do throws(TokenFetch.Failure) {
            _ = try ServiceAccount(path)
            return nil
        } catch {
            return error.description
        }
    }

    /// A signed claim (RFC 7519, RS256), valid for an hour, the most that Google permits.
    func assertion(_ scope: String) throws(TokenFetch.Failure) -> String {
        let now = tk_wall() / 1_000_000_000
        let head = JSONOutput.object { json in
            json.string("alg", "RS256")
            json.string("typ", "JWT")
            json.string("kid", keyID)
        }
        let claims = JSONOutput.object { json in
            json.string("iss", email)
            json.string("scope", scope)
            json.string("aud", tokenURI)
            json.integer("iat", now)
            json.integer("exp", now + 3600)
        }
        let text = Array((Self.encode(head) + "." + Self.encode(claims)).utf8)
        let pem = Array(key.utf8)
        var signature = [UInt8](repeating: 0, count: 1024)
        // SAFETY: all three arrays outlive the call, and their lengths are passed.
        let length = unsafe tk_sign_rs256(
            pem, Int32(truncatingIfNeeded: pem.count), text, text.count, &signature,
            signature.count)
        guard length > 0 else {
            throw TokenFetch.Failure(description: "the service account's private key cannot sign")
        }
        return String(decoding: text, as: UTF8.self) + "."
            + Self.encode(Array(signature.prefix(length)))
    }

    private static func encode(_ bytes: [UInt8]) -> String {
        Identifier.inURLs(Base64.encode(bytes.span))
    }
}
