import Basics
import CLinux
import Policies
import Transport
import WebSocket

/// A continuation address in one of gemini's REST answers (`X-Goog-Upload-URL`, `Location`),
/// rewritten to lead through this proxy. If the client followed the original, it would send its key
/// to the vendor, which does not know that key. Clients send no key with an upload, because the
/// vendor's link authorises it; our link does the same with a seal.
struct UploadLink {
    /// Fields with addresses that clients follow.
    static let fields = [
        "location", "x-goog-upload-url", "x-goog-upload-control-url", "x-goog-upload-chunk-url",
    ]
    private static let parameter = "turnkeeper"
    /// The vendor's uploads are valid for days; one that was not continued for this long is started
    /// again.
    private static let life: Int64 = 24 * 3600

    let policy: Policy
    let endpoint: Endpoint
    /// The prefix that `upstream.url` and `upstream.path` add to a path.
    let base: String
    /// Where the client reaches us: scheme, host, and its path prefix. nil if it has not said.
    let here: String?
    let tokens: ClientTokens

    /// The address for the client; nil if it would bypass the proxy. A request that follows it is
    /// judged again, by what it does there.
    func through(_ address: String) -> String? {
        guard let here, let target = target(of: address[...]), target.hasPrefix(base),
            case .rest(let path) = Route(String(target.dropFirst(base.count))), path.isPlain,
            policy.obstacle(toResource: path.resource, method: "GET") == nil, !path.isTokens
        else { return nil }
        let query = Credential.passing(path.query)
        guard path.isUpload, !query.isEmpty else { return here + path.path + query }
        let expires = tk_wall() / 1_000_000_000 + Self.life
        let seal = Self.seal(path.path + query, policy.tenant, expires, tokens)
        return "\(here)\(path.path)\(query)&\(Self.parameter)=\(expires).\(seal)"
            + ".\(Self.hex(policy.tenant))"
    }

    /// Path and query of an address on our upstream.
    private func target(of address: Substring) -> Substring? {
        if address.hasPrefix("/"), !address.hasPrefix("//") { return address }
        for (scheme, port) in [("https://", UInt16(443)), ("http://", 80)] {
            guard address.lowercased().hasPrefix(scheme) else { continue }
            let rest = address.dropFirst(scheme.count)
            let authority = rest.prefix { !"/?#\\".contains($0) }
            let standard = Endpoint(
                isSecure: port == 443, host: endpoint.host, port: endpoint.port
            ).authority
            let exact = "\(endpoint.authority.prefix { $0 != ":" }):\(endpoint.port)"
            guard
                [standard, exact, endpoint.authority].contains(where: {
                    $0.lowercased() == authority.lowercased()
                })
            else { return nil }
            return rest.dropFirst(authority.count)
        }
        return nil
    }

    // MARK: Following

    /// The tenant whose upload is continued, if the request follows a valid link of ours.
    static func tenant(of path: RESTPath, _ head: RequestHead, _ tokens: ClientTokens) -> String? {
        guard path.isUpload, !begins(head),
            let link = path.query.dropFirst().split(separator: "&").last,
            link.hasPrefix("\(parameter)=")
        else { return nil }
        let parts = link.dropFirst(parameter.count + 1).split(separator: ".")
        guard parts.count == 3, let expires = Int64(parts[0]),
            expires > tk_wall() / 1_000_000_000, let tenant = text(hex: parts[2])
        else { return nil }
        let target = path.path + Credential.passing(path.query)
        let right = seal(target, tenant, expires, tokens)
        return Digest.areEqual(right, String(parts[1])) ? tenant : nil
    }

    /// Whether the request has a seal, right or wrong: a request without a seal is judged by its
    /// key.
    static func isSealed(_ path: RESTPath) -> Bool {
        path.query.dropFirst().split(separator: "&").contains {
            $0.prefix { $0 != "=" } == parameter
        }
    }

    /// An upload is started with a key.
    private static func begins(_ head: RequestHead) -> Bool {
        head.headers.all("x-goog-upload-command").contains {
            $0.text.lowercased().contains("start")
        }
    }

    private static func seal(
        _ target: String, _ tenant: String, _ expires: Int64, _ tokens: ClientTokens
    ) -> String {
        tokens.seal(["upload", hex(tenant), "\(expires)", target])
    }

    private static func hex(_ text: String) -> String {
        text.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    private static func text(hex: Substring) -> String? {
        let digits = Array(hex.utf8)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for at in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[at..<at + 2], as: UTF8.self)
            guard let byte = UInt8(pair, radix: 16) else { return nil }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Worker {
    /// Rewrites the continuation addresses in the answer to this request; nil if the client's key
    /// is also the vendor's.
    func uploadLink(
        _ client: Connection, _ head: RequestHead, _ path: RESTPath, _ policy: Policy
    ) -> UploadLink? {
        guard policy.upstream.hasOwnCredential, let upstream = Upstream(url: policy.upstream.url)
        else { return nil }
        let isBehindBalancer = client.peerAddress.map { peer in
            shared.balancers.contains { $0.contains(peer) }
        }
        let forwarded =
            isBehindBalancer == true ? head.headers.first("x-forwarded-proto") : nil
        let isSecure = forwarded.map { $0.lowercased() == "https" } ?? client.isSecure
        // An HTTP/1.0 request need not name it.
        let host = head.headers.first("host").flatMap { $0.isEmpty ? nil : $0 }
        return UploadLink(
            policy: policy, endpoint: upstream.endpoint,
            base: upstream.prefix + (policy.upstream.path ?? ""),
            here: host.map { (isSecure ? "https://" : "http://") + $0 + path.prefix },
            tokens: shared.tokens)
    }
}
