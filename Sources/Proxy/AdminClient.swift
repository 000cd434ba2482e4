import Basics
import Transport

/// A server's admin port, as seen by a command that asks it something.
public struct AdminClient {
    public struct Answer {
        public var status: UInt16
        public var body: [UInt8]
        public var text: String { String(decoding: body, as: UTF8.self) }
    }
    /// In words.
    public struct Failure: Error {
        public var description: String
    }

    /// A little more than the port may take to answer.
    private static let longest = Interval.seconds(12)

    public var isEncrypted: Bool { endpoint.isSecure }

    private let endpoint: Endpoint
    private let authorities: String?
    private let name: String?

    /// Off loopback the port speaks TLS only, because a request carries the token; on loopback
    /// plaintext is the rule, and `authorities`, `name` or `https://` ask for TLS.
    ///
    /// - Parameters:
    ///   - address: `HOST:PORT`; HOST may be a name; IPv6 needs brackets.
    ///   - authorities: A PEM file of CAs; nil for the system's.
    ///   - name: In the certificate, if it is not the host's.
    public init?(_ address: String, authorities: String?, name: String?) {
        let isNamedSecure = address.hasPrefix("https://")
        // Without a port it would be another service's.
        let port = address.utf8.reversed().prefix { $0 != UInt8(ascii: ":") }
        guard !port.isEmpty, port.allSatisfy({ (48...57).contains($0) }), port.count <= 5 else {
            return nil
        }
        guard let found = Upstream(url: "wss://" + address.dropFirst(isNamedSecure ? 8 : 0)),
            found.prefix.isEmpty
        else { return nil }
        endpoint = Endpoint(
            isSecure: isNamedSecure || authorities != nil || name != nil
                || !found.endpoint.isOfThisMachine,
            host: found.endpoint.host, port: found.endpoint.port)
        self.authorities = authorities
        self.name = name
    }

    /// Waits for the answer. To be called on a thread without an event loop.
    public func post(_ path: String, token: String?) -> Result<Answer, Failure> {
        do {
            let tls =
                isEncrypted ? try ClientTLS(authorities: authorities, expecting: name) : nil
            let loop = try EventLoop(mailbox: try Mailbox())
            var result: Result<HTTPFetch.Answer, HTTPFetch.Failure>?
            let fetch = HTTPFetch("admin port", loop, within: Self.longest) {
                result = $0
                loop.stop()
            }
            let fields = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
            let question = FetchURL(endpoint, path).request("POST", fields, body: "")
            fetch.start(question, to: endpoint, tls)
            loop.run()
            switch result {
            case .success(let answer):
                return .success(Answer(status: answer.status, body: answer.body))
            case .failure(let failure):
                return .failure(Failure(description: failure.description))
            case nil: return .failure(Failure(description: "cancelled"))
            }
        } catch {
            return .failure(Failure(description: "\(error)"))
        }
    }
}
