public import Basics

/// Removes secrets from texts that leave the machine: known values, in any encoding, and everything
/// that looks like a credential. It removes too much rather than too little, because bundles are
/// sent unread.
public struct Redaction: Sendable {
    /// Replaces each secret.
    static let mark = Array("[redacted]".utf8)

    private let scrubber: Scrubber

    /// - Parameter scrubber: Removes known values: gemini's keys, clients' keys, tokens.
    public init(_ scrubber: Scrubber = Scrubber()) { self.scrubber = scrubber }

    /// For text that contains our own words.
    public func scrub(_ text: String) -> String { withoutCredentials(scrubber.scrub(text)) }

    /// For text by a peer, or spoken by a person.
    func scrub(quotation text: String) -> String {
        withoutCredentials(scrubber.scrub(quotation: text))
    }

    private func withoutCredentials(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if let secret = match(bytes, index) {
                output += bytes[index..<secret.start] + Self.mark
                index = secret.end
            } else {
                output.append(bytes[index])
                index += 1
            }
        }
        return output.count == bytes.count && output == bytes
            ? text : String(decoding: output, as: UTF8.self)
    }

    // MARK: Recognising secrets

    /// A secret announced at `index`: where it starts, after the announcing words, and where it
    /// ends.
    private func match(_ bytes: [UInt8], _ index: Int) -> (start: Int, end: Int)? {
        if bytes[index] == UInt8(ascii: "-"), let end = Self.pem(bytes, index) {
            return (index, end)
        }
        // From here on only matches at the start of a word.
        guard index == 0 || !Self.isWord(bytes[index - 1]) else { return nil }
        return Self.token(bytes, index) ?? Self.scheme(bytes, index) ?? Self.named(bytes, index)
    }

    /// `-----BEGIN ...-----` to its end line, or to the end of a truncated text.
    private static func pem(_ bytes: [UInt8], _ index: Int) -> Int? {
        guard hasPrefix(bytes, index, beginning) else { return nil }
        var place = index + beginning.count
        while place < bytes.count {
            if hasPrefix(bytes, place, ending) {
                place += ending.count
                while place < bytes.count, bytes[place] != UInt8(ascii: "-") { place += 1 }
                while place < bytes.count, bytes[place] == UInt8(ascii: "-") { place += 1 }
                return place
            }
            place += 1
        }
        return bytes.count
    }

    private static let beginning = Array("-----BEGIN ".utf8)
    private static let ending = Array("-----END ".utf8)

    /// The beginnings of Google's credentials: API keys of both kinds, OAuth tokens, refresh
    /// tokens, short-lived Live tokens; and of signed tokens in general.
    private static let beginnings = ["AIza", "AQ.", "ya29.", "1//", "auth_tokens/", "eyJ"].map {
        Array($0.utf8)
    }
    private static let shortestToken = 16

    private static func token(_ bytes: [UInt8], _ index: Int) -> (start: Int, end: Int)? {
        for beginning in beginnings where hasPrefix(bytes, index, beginning) {
            var end = index + beginning.count
            while end < bytes.count, isWord(bytes[end]) || bytes[end] == UInt8(ascii: ".") {
                end += 1
            }
            if end - index - beginning.count >= shortestToken { return (index, end) }
        }
        return nil
    }

    /// `Bearer ...`, anywhere.
    private static func scheme(_ bytes: [UInt8], _ index: Int) -> (start: Int, end: Int)? {
        let word = Array("bearer ".utf8)
        guard hasPrefix(bytes, index, word, anyCase: true) else { return nil }
        let start = index + word.count
        let end = valueEnd(bytes, start)
        return end - start >= 8 && !hasPrefix(bytes, start, mark) ? (start, end) : nil
    }

    /// Names whose value after an equals sign is a secret, as in a URL.
    private static let parameters = [
        "key", "access_token", "token", "api_key", "apikey", "client_secret", "refresh_token",
        "password", "secret",
    ].map { Array($0.utf8) }
    /// Names whose value after a colon is a secret too, as in a header or in JSON. `key` is
    /// excluded: policies contain `key: env:NAME`, which is not a secret and useful to know.
    private static let fields = [
        "authorization", "x-goog-api-key", "access_token", "api_key", "apikey", "client_secret",
        "private_key", "refresh_token", "password",
    ].map { Array($0.utf8) }

    private static func named(_ bytes: [UInt8], _ index: Int) -> (start: Int, end: Int)? {
        for (names, separator) in [(fields, UInt8(ascii: ":")), (parameters, UInt8(ascii: "="))] {
            for name in names where hasPrefix(bytes, index, name, anyCase: true) {
                // JSON and headers have quotes and spaces around a colon, URLs none around `=`.
                let isLoose = separator == UInt8(ascii: ":")
                var start = index + name.count
                while isLoose, start < bytes.count, isQuoteOrSpace(bytes[start]) { start += 1 }
                guard start < bytes.count, bytes[start] == separator else { continue }
                start += 1
                while isLoose, start < bytes.count, isQuoteOrSpace(bytes[start]) { start += 1 }
                // A scheme's name may precede the secret of a header.
                for scheme in ["bearer ", "token ", "basic "]
                where hasPrefix(bytes, start, Array(scheme.utf8), anyCase: true) {
                    start += scheme.utf8.count
                }
                let end = valueEnd(bytes, start)
                if end > start, !hasPrefix(bytes, start, mark) { return (start, end) }
            }
        }
        return nil
    }

    // MARK: Pieces

    private static func valueEnd(_ bytes: [UInt8], _ start: Int) -> Int {
        var end = start
        while end < bytes.count, bytes[end] > 0x20, !delimiters.contains(bytes[end]) { end += 1 }
        return end
    }

    private static let delimiters = Array("&\"'`,;<>(){}[]\\#".utf8)

    private static func isQuoteOrSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == 0x20
            || byte == UInt8(ascii: "\\")
    }

    /// The characters of tokens, except the dot.
    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func hasPrefix(
        _ bytes: [UInt8], _ index: Int, _ prefix: [UInt8], anyCase: Bool = false
    ) -> Bool {
        guard bytes.count - index >= prefix.count else { return false }
        for (offset, byte) in prefix.enumerated() {
            var found = bytes[index + offset]
            if anyCase, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(found) { found += 0x20 }
            if found != byte { return false }
        }
        return true
    }
}

extension Redaction {
    /// Every text of a report that a peer may have influenced. Scrubbed before drawing: a line
    /// break inside a secret would hide it from a search by lines.
    func scrub(_ report: SessionReport) -> SessionReport {
        var report = report
        report.summary.model = scrub(report.summary.model)
        report.summary.endUser = scrub(report.summary.endUser)
        report.summary.closeReason = scrub(report.summary.closeReason)
        report.summary.geminiCloseReason = scrub(
            quotation: report.summary.geminiCloseReason)
        for place in report.connections.indices {
            report.connections[place].model = scrub(report.connections[place].model)
            report.connections[place].reason = report.connections[place].reason.map(
                scrub(quotation:))
        }
        for place in report.turns.indices {
            report.turns[place].model = scrub(report.turns[place].model)
            report.turns[place].userText = report.turns[place].userText.map(scrub(quotation:))
            report.turns[place].modelText = report.turns[place].modelText.map(scrub(quotation:))
        }
        for place in report.toolCalls.indices {
            report.toolCalls[place].id = scrub(quotation: report.toolCalls[place].id)
            report.toolCalls[place].name = scrub(quotation: report.toolCalls[place].name)
            report.toolCalls[place].arguments = report.toolCalls[place].arguments.map(
                scrub(quotation:))
            report.toolCalls[place].result = report.toolCalls[place].result.map(scrub(quotation:))
        }
        for place in report.events.indices {
            let event = report.events[place]
            report.events[place].text =
                TimelineWord.isSpeech(event.what)
                ? scrub(quotation: event.text) : scrub(event.text)
        }
        return report
    }
}
