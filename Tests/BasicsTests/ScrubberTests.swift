import Basics
import Testing

struct ScrubberTests {
    private static let key = "AIzaSy/Te+st-key_0123456789\"&abc"
    private let scrubber = Scrubber([key, "gemini-key-of-acme", "short", "abc"])

    private static func percent(_ text: String, upper: Bool, every: Bool) -> String {
        text.utf8.map { byte in
            let isPlain = UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
            if isPlain, !every { return String(UnicodeScalar(byte)) }
            let hex = String(byte, radix: 16)
            let two = hex.utf8.count == 1 ? "0" + hex : hex
            return "%" + (upper ? two.uppercased() : two)
        }.joined()
    }

    private static func base64(_ text: String, urls: Bool = false) -> String {
        let encoded = String(decoding: Base64.encode(Array(text.utf8).span), as: UTF8.self)
        return urls
            ? String(encoded.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }) : encoded
    }

    private static var forms: [String] {
        [
            key, "api_key:\(key)", percent(key, upper: true, every: false),
            percent(key, upper: false, every: true),
            percent(key, upper: true, every: true).replacing("%", with: "%25"),
            key.replacing("\"", with: "\\\"").replacing("/", with: "\\/"),
            key.replacing("\"", with: "\\\\\\\"").replacing("&", with: "\\\\u0026"),
            key.replacing("A", with: "\\u0041").replacing("&", with: "\\u0026"),
            key.replacing("\"", with: "&quot;").replacing("&a", with: "&amp;a"),
            key.replacing("+", with: "&#43;").replacing("/", with: "&#x2F;"),
            base64(key), base64("x" + key), base64("user:" + key + ":more"), base64("xx" + key),
            base64(key, urls: true), base64("ab" + key, urls: true),
            key.utf8.map { String($0, radix: 16) }.joined(),
            key.utf8.map { String($0, radix: 16).uppercased() }.joined(),
            key.utf8.map { String($0, radix: 16) }.joined(separator: ":"),
            key.utf8.map { "0x" + String($0, radix: 16) }.joined(separator: ", "),
            key.utf8.map { String($0, radix: 16).uppercased() }.joined(separator: " "),
        ]
    }

    @Test(arguments: forms)
    func `a value is taken out in every encoding it may be quoted in`(form: String) {
        let text = scrubber.scrub(quotation: "Consumer '\(form)' has been suspended.")
        #expect(text == "Consumer '[redacted]' has been suspended." || text.contains("[redacted]"))
        #expect(!text.contains("0123456789") && !text.contains("Te"))
        for cut in [8, 11, 14, Self.key.utf8.count - 1] {
            let beginning = String(Self.key.prefix(cut))
            for end in ["", "...", "…", ".", "..", "' is bad", "** is bad", " (truncated)", "x"] {
                #expect(
                    scrubber.scrub(quotation: "key " + beginning + end) == "key [redacted]" + end)
            }
        }
    }

    /// Each writes every character of a text so that its readers read the text.
    private static let escapings: [@Sendable (String) -> String] = [
        { percent($0, upper: true, every: true) },
        { text in text.unicodeScalars.map { "\\u00" + hex($0.value) }.joined() },
        { text in text.unicodeScalars.map { "\\x" + hex($0.value) }.joined() },
        { text in text.unicodeScalars.map { "\\U000000" + hex($0.value) }.joined() },
        { text in text.unicodeScalars.map { "\\u{" + hex($0.value) + "}" }.joined() },
        { text in text.unicodeScalars.map { "%u00" + hex($0.value) }.joined() },
        { text in text.unicodeScalars.map { "&#\($0.value);" }.joined() },
        { text in text.unicodeScalars.map { "&#x00" + hex($0.value) + ";" }.joined() },
        { text in
            text.unicodeScalars.map { scalar in
                let octal = String(scalar.value, radix: 8)
                return "\\" + String(repeating: "0", count: 3 - octal.utf8.count) + octal
            }.joined()
        },
        { $0.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") },
        { $0.replacing("/", with: "\\/").replacing("A", with: "\\u0041") },
        { $0.replacing("%", with: "%25").replacing("/", with: "%2F").replacing("\\", with: "%5C") },
        { $0.replacing("&", with: "&amp;").replacing("\"", with: "&quot;") },
        { text in text.unicodeScalars.map { "&#\($0.value)" }.joined() },
        { text in text.unicodeScalars.map { "&#x" + hex($0.value) }.joined() },
    ]

    @Test func `a reference's semicolon may be missing, or escaped in turn`() {
        let references = Self.key.unicodeScalars.map { "&#\($0.value)" }
        for semicolon in ["", ";", "%3B", "\\u003b", "\\;"] {
            let form = references.joined(separator: semicolon)
            for end in ["", "\"}", "\\\"}", "<br>", " is bad"] {
                let text = scrubber.scrub(quotation: "key " + form + end)
                #expect(text == "key [redacted]" + end, "\(semicolon)")
            }
        }
    }

    private static func hex(_ value: UInt32) -> String {
        let text = String(value, radix: 16)
        return text.utf8.count == 1 ? "0" + text : text
    }

    @Test(arguments: escapings.indices, escapings.indices)
    func `escapes may be escaped in turn, and lie beside others`(first: Int, second: Int) {
        let once = Self.escapings[first](Self.key)
        let half = Self.key.index(Self.key.startIndex, offsetBy: 16)
        let beside =
            Self.escapings[first](String(Self.key[..<half]))
            + Self.escapings[second](String(Self.key[half...]))
        for form in [Self.escapings[second](once), beside] {
            for text in ["key \(form)", "{\"\(form)\":1}"] {
                let clean = scrubber.scrub(quotation: text)
                #expect(clean == text.replacing(form, with: "[redacted]"), "\(clean)")
                #expect(scrubber.scrub(text) == clean)
            }
        }
    }

    @Test func `three layers of the longest escapes are undone`() {
        let unicode = Self.escapings[1]
        let form = unicode(unicode(unicode(Self.key)))
        #expect(form.utf8.count == 216 * Self.key.utf8.count)
        #expect(scrubber.scrub(quotation: "key \(form)!") == "key [redacted]!")
    }

    /// Readings are stored for a part of a long text at a time.
    @Test(arguments: [2, 5, 9])
    func `a value is found wherever it lies in a long text`(escaping: Int) {
        let escape = Self.escapings[escaping]
        let form = escape(escape(Self.key))
        for start in [
            47 << 10, (48 << 10) - 64, (48 << 10) - 1, (48 << 10) + 1, 63 << 10, 64 << 10,
        ] {
            // The first escape begins the first part.
            let text = "%20" + String(repeating: ".", count: start - 3) + form + "'"
            let place = start..<(start + form.utf8.count)
            #expect(scrubber.places(in: Array(text.utf8), isQuotation: true) == [place])
        }
    }

    @Test func `a value of nothing but escapes is searched for in bounded time`() {
        let backslashes = String(repeating: "\\", count: 60)
        let scrubber = Scrubber([backslashes])
        #expect(scrubber.scrub(quotation: "key \(backslashes)!") == "key [redacted]!")
    }

    @Test func `what is encoded and cut off goes from eight characters on`() {
        for form in [
            Self.percent(Self.key, upper: true, every: true), Self.base64(Self.key),
            Self.key.replacing("\"", with: "\\\""),
        ] {
            for cut in 25..<form.utf8.count {
                let text = scrubber.scrub(quotation: "reason: " + String(form.prefix(cut)))
                #expect(text.hasPrefix("reason: [redacted]"), "\(form.prefix(cut)) \(text)")
                #expect(text.utf8.count <= "reason: [redacted]".utf8.count + 5)
            }
        }
    }

    @Test func `other text stays as it is`() {
        for text in [
            "", "AIzaSyX", "100% of it, \\ and & more; %zz %4 \\u00 &#; &#xzz; +", "a short-cut",
            "abcabc", "gemini refuses the upgrade with 403", "shortage", "gemini-k",
        ] where text != "gemini-k" && text != "a short-cut" {
            #expect(scrubber.scrub(quotation: text) == text)
        }
        #expect(scrubber.scrub(quotation: "a short reason") == "a [redacted] reason")
        #expect(Scrubber().scrub(quotation: Self.key) == Self.key)
    }

    @Test func `several values go, each as long as it is`() {
        let nested = Scrubber(["secret-one", "secret-one-longer"])
        #expect(
            nested.scrub(quotation: "secret-one secret-one-longer.") == "[redacted] [redacted].")
        #expect(nested.places(in: Array("a secret-one b".utf8)) == [2..<12])
    }

    /// A quadratic reader would be at it for an hour.
    @Test(
        .timeLimit(.minutes(2)),
        arguments: [
            "\\", "\\\\u", "%25", "%", "&#", "&amp;", "+", "AIzaSy/Te+st-key_012345678", "\\u0041",
            "ab", "YWJj", "%5C", "%5Cu0041", "&#37;", "\\u0025",
        ])
    func `long texts of one thing over and over take no longer for it`(piece: String) {
        let bytes = Array(String(repeating: piece, count: (128 << 10) / piece.utf8.count).utf8)
        #expect(scrubber.scrub(quotation: bytes + Array("\\".utf8)).count <= 2 * bytes.count + 2)
        #expect(scrubber.places(in: bytes, isQuotation: false).count <= bytes.count)
    }

    @Test func `beside our own words only whole values go that no word could be`() {
        func left(_ text: String) -> [String] {
            let bytes = Array(text.utf8)
            return scrubber.places(in: bytes).map {
                String(decoding: bytes[$0], as: UTF8.self)
            }
        }
        #expect(left("abc AIzaSy/Te+st gemini-key-of-a short") == ["short"].filter { $0.count > 5 })
        #expect(left("a gemini-key-of-acme b") == ["gemini-key-of-acme"])
        #expect(left("a gemini%2Dkey-of-acm\\u0065 b") == ["gemini%2Dkey-of-acm\\u0065"])
    }

    @Test func `a value that a peer was not sent is never cut off`() {
        let key = "gemini-3.8-live-acme-7777"
        let scrubber = Scrubber(["sent-gemini-key-1"], kept: [key, "sent-gemini-client"])
        for text in ["models/gemini-3.8-live", "is gemini-3.8-live...", "gemini-3.8-live-acme-777"]
        {
            #expect(scrubber.scrub(quotation: text) == text)
            #expect(scrubber.scrub(text) == text)
        }
        #expect(scrubber.scrub("models/x-\(key)") == "models/x-[redacted]")
        #expect(scrubber.scrub(quotation: "api_key:\(key) is") == "api_key:[redacted] is")
        // What both have in common was sent.
        #expect(scrubber.scrub(quotation: "key sent-gemini-") == "key [redacted]")
        #expect(scrubber.scrub(quotation: "key sent-gemini-cl") == "key sent-gemini-cl")
        #expect(scrubber.scrub("key sent-gemini-k") == "key sent-gemini-k")
    }

    @Test(
        arguments: [
            ("session", "word"), ("Gemini", "short"), ("k9z", "short"), ("12345678", "word"),
            ("confirmation", "word"), ("acme-production", "name"), ("acme-production-eu", "name"),
            ("flash-live", "name"),
        ])
    func `a value that may be a word leaves our words alone`(value: String, kind: String) {
        let names = ["acme-production-eu", "gemini-3.1-flash-live-preview"]
        let text =
            "session of tenant acme-production-eu: model gemini-3.1-flash-live-preview, "
            + "close 12345678, confirmation k9z Gemini \(value)"
        #expect(Scrubber([value], kept: [value], sparing: names).scrub(text) == text)
        #expect(Scrubber(kept: [value], sparing: names).scrub(quotation: text) == text)
        let quoting = Scrubber([value], sparing: names).scrub(quotation: "key \(value)!")
        #expect(quoting == (kind == "name" || value == "k9z" ? "key \(value)!" : "key [redacted]!"))
    }

    @Test func `a name shares pieces with a value, and is no quotation of it`() {
        let scrubber = Scrubber(
            ["AIzaSyD-key-of-ours"], kept: ["gemini-3.8-live-acme-7777"],
            sparing: ["gemini-3.8-live", "acme"])
        #expect(!scrubber.quotes("gemini-3.8-live") && !scrubber.quotes("gemini-3.8-lite"))
        #expect(scrubber.quotes("gemini-3.8-live-acme") && scrubber.quotes("x-acme-7777"))
        #expect(scrubber.quotes("SyD-key-of-o"))
    }

    @Test func `a beginning that may be words or a name is no quotation`() {
        let scrubber = Scrubber(
            ["internal-7Kf2-of-ours", "Resource-9xQ", "gemini-3.8-live-acme-7777"],
            sparing: ["gemini-3.8-live-preview"])
        for text in [
            "internal error", "internal-use only", "Resource exhausted",
            "models/gemini-3.8-live is not found", "models/gemini-3.8-live-audio is not found",
        ] {
            #expect(scrubber.scrub(quotation: text) == text)
        }
        #expect(scrubber.scrub(quotation: "key internal-7K*** is") == "key [redacted]*** is")
        #expect(
            scrubber.scrub(quotation: "key gemini-3.8-live-acme** is") == "key [redacted]** is")
    }

    @Test func `what is no secret is named`() {
        func weakness(_ value: String) -> Scrubber.Weakness? {
            Scrubber.weakness(of: value, sparing: ["acme-production"])
        }
        #expect(weakness("") == .short && weakness("sk-1234") == .short)
        #expect(weakness("password") == .word && weakness("123456789012345") == .word)
        #expect(weakness("production") == .name && weakness("acme-production") == .name)
        #expect(weakness("acme-production-1") == nil && weakness("exam-key") == nil)
        #expect(weakness("correcthorsebatterystaple") == nil && weakness("1234567890123456") == nil)
    }

    @Test func `any bytes do`() {
        var random = SeededRandom(seed: 7)
        let alphabet = Array("%\\&u0025amp;#x4AIzaSy/Te+\"".utf8)
        for _ in 0..<2000 {
            let bytes = (0..<Int(random.next() % 60)).map { _ in
                alphabet[Int(random.next() % UInt64(alphabet.count))]
            }
            #expect(scrubber.scrub(quotation: bytes).count <= bytes.count * 10 + 10)
        }
    }
}
