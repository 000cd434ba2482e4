import Basics
import WebSocket

/// The credential that a client presents, wherever its SDK puts it, and the one that gemini sees
/// instead.
enum Credential {
    private static let queryNames = ["key", "access_token"]

    /// The client's credential: the first place that has one.
    static func presented(_ target: String, _ headers: HeaderFields) -> String? {
        found(target, headers)?.text
    }

    /// Whether the client's credential may open only one new session: a Google token does by
    /// default, and any bearer expires. An API key opens any number of sessions.
    static func mayOpenOnce(_ target: String, _ headers: HeaderFields) -> Bool {
        guard let found = found(target, headers) else { return false }
        return !found.isKey || found.text.hasPrefix("auth_tokens/")
    }

    /// `isKey`: the place is one for API keys.
    private static func found(
        _ target: String, _ headers: HeaderFields
    ) -> (text: String, isKey: Bool)? {
        if let key = headers.first("x-goog-api-key"), !key.isEmpty { return (key, true) }
        if let authorization = headers.first("authorization") {
            let words = authorization.split(separator: " ", maxSplits: 1)
            if words.count == 2, ["bearer", "token"].contains(words[0].lowercased()) {
                return (String(words[1]), false)
            }
        }
        guard let mark = target.firstIndex(of: "?") else { return nil }
        for pair in target[target.index(after: mark)...].split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            if parts.count == 2, queryNames.contains(String(parts[0])) {
                return (unescape(parts[1]), parts[0] == "key")
            }
        }
        return nil
    }

    /// Header fields that identify the client; each may occur only once, so that all parsers use
    /// the same value.
    private static let singles = [
        "origin", "authorization", "x-goog-api-key", "x-turnkeeper-session",
    ]

    /// The field that a request contains twice.
    static func ambiguity(_ headers: HeaderFields) -> String? {
        singles.first { headers.all($0).count > 1 }
    }

    /// Percent-decoding (RFC 3986 section 2.1); invalid escapes are kept.
    private static func unescape(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: Our credential instead

    /// The request as gemini will see it, with our API key. Only those of the client's fields pass
    /// that are known not to affect billing or our credential's rights.
    static func replace(
        query: String, headers: [HeaderField], with key: String
    ) -> (query: String, headers: [HeaderField])? {
        replace(query: query, headers: headers, with: HeaderField("x-goog-api-key", key))
    }

    /// The same with an OAuth access token, for Vertex.
    static func replace(
        query: String, headers: [HeaderField], bearer token: String
    ) -> (query: String, headers: [HeaderField])? {
        replace(
            query: query, headers: headers, with: HeaderField("Authorization", "Bearer \(token)"))
    }

    /// Nil if no header can carry the credential: nothing is dialed without it.
    private static func replace(
        query: String, headers: [HeaderField], with credential: HeaderField?
    ) -> (query: String, headers: [HeaderField])? {
        guard let credential else { return nil }
        let kept = headers.filter { passingHeaders.contains($0.name.lowercased()) }
        return (passing(query), kept + [credential])
    }

    /// The part of a query, with its question mark, that may accompany our credential. For some
    /// readers a semicolon begins another parameter.
    static func passing(_ query: String) -> String {
        let pairs = query.dropFirst().split(separator: "&").filter { pair in
            !pair.contains(";") && passingParameters.contains(String(pair.prefix { $0 != "=" }))
        }
        return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }

    /// Content, and the client's identity. Excluded: projects to bill (`X-Goog-User-Project`),
    /// routing (`X-Goog-Request-Params`), other methods (`X-HTTP-Method-Override`), other
    /// credentials, and content codings, because we read errors before we pass them on.
    private static let passingHeaders: Set<String> = [
        "accept", "accept-language", "content-type", "content-encoding", "content-language",
        "content-range", "content-disposition", "content-md5", "range", "if-match",
        "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "user-agent",
        "x-goog-api-client", "x-server-timeout", "x-firebase-appcheck", "x-firebase-appid",
        "x-firebase-appversion",
        // Uploads. What follows `-header-` becomes a field of the file's: no others do.
        "x-goog-upload-protocol", "x-goog-upload-command", "x-goog-upload-offset",
        "x-goog-upload-file-name", "x-goog-upload-content-type", "x-goog-upload-content-length",
        "x-goog-upload-header-content-length", "x-goog-upload-header-content-type",
    ]

    /// Parameters of Google's REST API, compared as sent, so that an escaped name does not match.
    private static let passingParameters: Set<String> = [
        "alt", "fields", "filter", "force", "orderBy", "pageSize", "pageToken", "prettyPrint",
        "updateMask", "uploadType", "upload_id", "upload_protocol", "view",
    ]
}

extension Scrubber {
    /// Removes credentials from gemini's header fields before a client gets them.
    func scrub(quotation fields: [HeaderField]) -> [HeaderField] {
        // A name that contains a redaction mark is invalid, so its field is omitted.
        fields.compactMap { HeaderField(scrub(quotation: $0.name), scrub(quotation: $0.value)) }
    }
}
