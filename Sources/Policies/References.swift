import Basics

extension Format<Secret> {
    /// Where a secret is found. A literal secret is refused without being repeated.
    static func secret(mayBeHash: Bool) -> Format {
        let forms = mayBeHash ? "env:NAME, file:PATH or sha256:HEX" : "env:NAME or file:PATH"
        return scalar(
            "secret: \(forms)",
            expecting: "a secret by reference (\(forms)), not the secret itself", isText: true,
            show: { $0.description }
        ) { text throws(Wrong) in
            if let name = shellVariable(text) {
                throw .because("variables are not expanded in policies; write env:\(name)")
            }
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let kind = parts.first, let rest = parts.last else {
                throw .undisclosed
            }
            switch kind {
            case "env":
                guard isVariableName(rest) else {
                    throw .because(
                        "env: takes the name of an environment variable, as in env:API_KEY")
                }
                return .environment(String(rest))
            case "file":
                guard !rest.isEmpty, !rest.utf8.contains(0) else {
                    throw .because("file: takes a path, as in file:/run/secrets/gemini")
                }
                return .file(String(rest))
            case "sha256":
                guard mayBeHash else {
                    throw .because("a hash cannot be sent to gemini; use env:NAME or file:PATH")
                }
                let hex = rest.lowercased()
                guard Digest(hex: hex) != nil else {
                    throw .because(
                        "sha256: takes 64 hexadecimal digits, found \(rest.count) characters")
                }
                return .sha256(hex)
            default: throw .undisclosed
            }
        }
    }
}

extension Format<Policy.Credentials> {
    static let credentials = scalar(
        "credentials: file:PATH or metadata", expecting: "file:PATH or metadata", isText: true,
        show: \.description
    ) { text throws(Wrong) in
        if text == "metadata" { return .metadata }
        guard text.hasPrefix("file:"), text.utf8.count > 5, !text.utf8.contains(0) else {
            throw .undisclosed
        }
        return .file(String(text.dropFirst(5)))
    }
}

extension Policy.Credentials: CustomStringConvertible {
    /// As policies write it.
    public var description: String {
        switch self {
        case .file(let path): quoted("file:\(path)")
        case .metadata: "metadata"
        }
    }
}

extension Secret: CustomStringConvertible {
    /// As policies write it; never the secret.
    public var description: String {
        switch self {
        case .environment(let name): "env:\(name)"
        case .file(let path): quoted("file:\(path)")
        case .sha256(let hex): "sha256:\(hex)"
        }
    }
}

extension Format<String> {
    /// Any text, up to `limit` bytes.
    static func text(limit: Int) -> Format {
        scalar(
            "text, at most \(limit) bytes", expecting: "text", isText: true, show: quoted
        ) { text throws(Wrong) in
            guard text.utf8.count <= limit else { throw .because("longer than \(limit) bytes") }
            return text
        }
    }

    /// A path of a file on this machine.
    static let path = scalar("path", expecting: "a path", isText: true, show: quoted) {
        text throws(Wrong) in
        guard !text.isEmpty, !text.utf8.contains(0) else { throw .kind }
        return text
    }

    /// `/prefix` of a URL: plain segments, none of them `.` or `..`.
    static let urlPath = scalar(
        "path of a URL", expecting: "a path such as /gemini", isText: true, show: quoted
    ) { text throws(Wrong) in
        let steps = text.utf8.dropFirst().split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard text.utf8.first == UInt8(ascii: "/"), text.utf8.count <= 256,
            steps.allSatisfy({ step in
                !step.isEmpty && !step.elementsEqual(".".utf8) && !step.elementsEqual("..".utf8)
                    && step.allSatisfy { isLetterOrDigit($0) || "._-~".utf8.contains($0) }
            })
        else { throw .kind }
        return text
    }

    /// A name that is valid in metrics, logs and file names.
    static let name = scalar(
        "name", expecting: "a name of letters, digits, '.', '_' and '-'", isText: true, show: quoted
    ) { text throws(Wrong) in
        guard isName(text) else { throw .kind }
        return text
    }

    /// Scheme and host of gemini; no path, because the client's is used.
    static let endpoint = scalar(
        "URL: wss:// or ws://, a host, perhaps a port",
        expecting: "a URL such as wss://generativelanguage.googleapis.com", isText: true,
        show: quoted
    ) { text throws(Wrong) in
        if text.hasPrefix("https://") || text.hasPrefix("http://") {
            throw .because(
                "a Live endpoint is a WebSocket: write wss:// for https://, ws:// for http://")
        }
        guard let rest = remainder(of: text, after: ["wss://", "ws://"]) else { throw .undisclosed }
        guard !rest.contains("@") else { throw .because("the URL must not hold credentials") }
        guard !rest.contains(where: { $0 == "/" || $0 == "?" || $0 == "#" }) else {
            throw .because(
                "the URL ends after the host, because the client's own path is passed on; a prefix "
                    + "for it belongs in upstream.path")
        }
        guard isHostAndPort(rest) else { throw .undisclosed }
        return text
    }

    /// Where reports are sent. Unencrypted ones never leave this machine.
    static let webhook = scalar(
        "URL: https://, a host, perhaps a port, path and query",
        expecting: "a URL such as https://hooks.example.com/turnkeeper", isText: true,
        show: { quoted(withoutQuery($0)) }
    ) { text throws(Wrong) in
        guard let rest = remainder(of: text, after: ["https://", "http://"]),
            text.utf8.count <= 2048
        else { throw .undisclosed }
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.contains("@") else {
            throw .because("the URL must not hold credentials")
        }
        guard !rest.contains("#") else { throw .because("the URL must not have a fragment") }
        guard isHostAndPort(authority), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .undisclosed
        }
        guard text.hasPrefix("https://") || isOfThisMachine(authority) else {
            throw .because("reports are sent unencrypted only on this machine: write https://")
        }
        return text
    }

    /// What is shown of it: receivers are often told apart by a token in the query.
    private static func withoutQuery(_ url: String) -> String {
        url.contains("?") ? url.prefix { $0 != "?" } + "?..." : url
    }

    /// The name of a header field that does not hold a credential.
    static let headerName = scalar(
        "header field", expecting: "the name of a header field such as x-end-user", isText: true,
        show: quoted
    ) { text throws(Wrong) in
        let isToken = text.utf8.allSatisfy { isLetterOrDigit($0) || "-_".utf8.contains($0) }
        guard isToken, (1...64).contains(text.utf8.count) else { throw .kind }
        let name = text.lowercased()
        let holders = [
            "authorization", "cookie", "proxy-authorization", "x-goog-api-key",
            "x-turnkeeper-session",
        ]
        guard !holders.contains(name) else {
            throw .because("\(name) holds a credential, and would end up in the ledger")
        }
        return name
    }

    /// What browsers send as `Origin`.
    static let origin = scalar(
        "origin", expecting: "an origin such as https://app.example.com", isText: true, show: quoted
    ) { text throws(Wrong) in
        guard let rest = remainder(of: text, after: ["https://", "http://"]) else { throw .kind }
        guard !rest.contains("/") else {
            throw .because("an origin has no path and no slash at the end, found \(excerpt(text))")
        }
        guard isHostAndPort(rest), rest == rest.lowercased()[...] else { throw .kind }
        return text
    }

    /// A model id: `gemini-3.8-live`, without `models/`.
    static let model = modelName(isPattern: false)
    /// The same, where a trailing `*` matches any ending.
    static let modelPattern = modelName(isPattern: true)

    private static func modelName(isPattern: Bool) -> Format {
        scalar(
            isPattern ? "model pattern" : "model",
            expecting: isPattern
                ? "a model's id, perhaps with * at its end"
                : "a model's id such as gemini-3.8-live",
            isText: true, show: quoted
        ) { text throws(Wrong) in
            let isWhole =
                isPattern
                && ["projects/", "publishers/", "tunedModels/"]
                    .contains { text.hasPrefix($0) }
            if isWhole {
                let rest = text.hasSuffix("*") ? text.dropLast() : text[...]
                let steps = rest.split(separator: "/", omittingEmptySubsequences: false)
                // The wildcard may leave the model open, but not its owner.
                let isPlain = steps.dropLast().allSatisfy { isName($0) }
                guard steps.count > 1, isPlain, steps.last == "" || isName(steps.last ?? "") else {
                    throw .kind
                }
                return text
            }
            if text.contains("/") {
                throw .because("write the model's id alone, without what stands before the slash")
            }
            if text.dropLast(isPattern ? 1 : 0).contains("*") {
                throw .because(
                    isPattern
                        ? "* stands only at the end, found \(excerpt(text))"
                        : "expected one model's id, found a pattern \(excerpt(text))")
            }
            guard text == "*" || isName(text.hasSuffix("*") ? text.dropLast() : text[...]) else {
                throw .kind
            }
            return text
        }
    }

    /// A wire path inside `setup`: `generationConfig.thinkingConfig`.
    static let wirePath = scalar(
        "field", expecting: "a field of setup such as generationConfig.thinkingConfig",
        isText: true, show: quoted
    ) { text throws(Wrong) in
        let steps = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard steps.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isLetterOrDigit) }) else {
            throw .kind
        }
        return text
    }

    /// `2026-10-09`.
    static let date = scalar(
        "date", expecting: "a date such as 2026-10-09", isText: true, show: { $0 }
    ) { text throws(Wrong) in
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2] else { throw .kind }
        let numbers = parts.compactMap { UInt16($0) }
        guard numbers.count == 3, (1...12).contains(numbers[1]), (1...31).contains(numbers[2])
        else {
            throw .kind
        }
        return text
    }
}

/// Text as YAML: plain where it cannot be misread, otherwise in double quotes.
func quoted(_ text: String) -> String {
    let isPlain =
        text.utf8.first.map {
            isLetterOrDigit($0) && !($0 <= UInt8(ascii: "9")) || $0 == UInt8(ascii: "/")
        }
        == true
        && text.utf8.last != UInt8(ascii: ":")
        && text.utf8.allSatisfy { isLetterOrDigit($0) || "._-/:".utf8.contains($0) }
        && !["null", "true", "false", "yes", "no", "on", "off"].contains(text.lowercased())
    if isPlain { return text }
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\t": result += "\\t"
        default:
            if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
                let hex = String(scalar.value, radix: 16)
                result += hex.utf8.count == 1 ? "\\x0\(hex)" : "\\x\(hex)"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }
    return result + "\""
}

/// Letters, digits, `.`, `_`, `-`; at most 64, beginning with a letter or digit.
func isName(_ text: some StringProtocol) -> Bool {
    guard let first = text.utf8.first, isLetterOrDigit(first), text.utf8.count <= 64 else {
        return false
    }
    return text.utf8.allSatisfy { isLetterOrDigit($0) || "._-".utf8.contains($0) }
}

/// `NAME` of `$NAME` and `${NAME}`; in capitals only, because a secret may begin with a dollar sign.
private func shellVariable(_ text: String) -> Substring? {
    guard text.hasPrefix("$") else { return nil }
    var name = text.dropFirst()
    if name.hasPrefix("{"), name.hasSuffix("}") { name = name.dropFirst().dropLast() }
    return isVariableName(name) && name == name.uppercased()[...] ? name : nil
}

private func isVariableName(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
    else {
        return false
    }
    return text.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "_") }
}

/// `host`, `host:port` or `[v6]:port`.
private func isHostAndPort(_ text: Substring) -> Bool {
    var host = text.utf8[...]
    var port: Substring.UTF8View?
    if host.first == UInt8(ascii: "[") {
        guard let close = host.firstIndex(of: UInt8(ascii: "]")) else { return false }
        let rest = host[host.index(after: close)...]
        guard rest.isEmpty || rest.first == UInt8(ascii: ":") else { return false }
        port = rest.isEmpty ? nil : rest.dropFirst()
        host = host[host.index(after: host.startIndex)..<close]
        guard host.allSatisfy({ isLetterOrDigit($0) || ":.".utf8.contains($0) }) else {
            return false
        }
    } else {
        if let colon = host.firstIndex(of: UInt8(ascii: ":")) {
            port = host[host.index(after: colon)...]
            host = host[..<colon]
        }
        guard host.allSatisfy({ isLetterOrDigit($0) || ".-_".utf8.contains($0) }) else {
            return false
        }
    }
    guard !host.isEmpty else { return false }
    guard let port else { return true }
    return UInt16(Substring(port)).map { $0 > 0 } == true
}

/// `localhost`, `127.0.0.1` or `[::1]`, perhaps with a port.
private func isOfThisMachine(_ authority: Substring) -> Bool {
    if authority.hasPrefix("[") { return authority.hasPrefix("[::1]") }
    let host = authority.prefix { $0 != ":" }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
    return host == "localhost"
        || numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
}

private func remainder(of text: String, after prefixes: [String]) -> Substring? {
    prefixes.first(where: text.hasPrefix).map { text.dropFirst($0.count) }
}

private func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"):
        true
    default: false
    }
}
