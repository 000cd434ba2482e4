public import Basics

/// The request to `auth_tokens.create` (`AuthToken` of the Gemini API, v1alpha).
public struct TokenRequest: Equatable, Sendable {
    /// 0: unlimited. Absent: 1.
    public var uses: Int64 = 1
    public var expires: WallTime?
    public var newSessionsUntil: WallTime?
    public var lock = SetupLock()
    /// For whom the token is made: not a field of the service's; empty if absent.
    public var endUser = ""

    /// What is wrong with a request, for its sender.
    public struct Mistake: Error, Equatable, Sendable {
        public var description: String

        public init(description: String) { self.description = description }
    }

    public init() {}

    /// Reads a body; an empty one requests every default. An unknown field is a mistake, because it
    /// might have been meant to lock something.
    public static func read(_ bytes: Span<UInt8>) throws(Mistake) -> TokenRequest {
        var request = TokenRequest()
        guard !bytes.isEmpty else { return request }
        do throws(Malformed) {
            if let field = try request.readMembers(bytes) {
                throw Malformed(.syntax, at: field)
            }
        } catch {
            throw Mistake(description: "the body is not a token: \(error)")
        }
        if let mistake = request.mistake { throw mistake }
        return request
    }

    private var mistake: Mistake?

    /// Returns the position of a duplicate field.
    private mutating func readMembers(_ bytes: Span<UInt8>) throws(Malformed) -> Int? {
        var cursor = JSONCursor()
        guard try cursor.enter(bytes, depth: 0) else { throw Malformed(.notAnObject, at: 0) }
        var seen: Set<String> = []
        var mask: [String] = []
        var setup: [UInt8] = []
        var isFirst = true
        while true {
            let byte = cursor.next(bytes)
            if byte == UInt8(ascii: "}") { break }
            if !isFirst {
                guard byte == UInt8(ascii: ",") else { throw cursor.blame(bytes) }
                cursor.at += 1
            }
            isFirst = false
            guard cursor.next(bytes) == UInt8(ascii: "\"") else { throw cursor.blame(bytes) }
            let key = JSONText.unescape(bytes, try cursor.keyText(bytes).range, limit: 64)
            guard seen.insert(Name.camel(key)).inserted else { return cursor.at }
            switch key {
            case "uses":
                let value = try cursor.integer(bytes, depth: 1)
                if let value, (0...1_000_000).contains(value) { uses = value } else { blame(key) }
            case "expireTime", "expire_time": expires = try time(key, &cursor, bytes)
            case "newSessionExpireTime", "new_session_expire_time":
                newSessionsUntil = try time(key, &cursor, bytes)
            case "bidiGenerateContentSetup", "bidi_generate_content_setup":
                let range = try cursor.value(bytes, depth: 1)
                setup = [UInt8](copying: bytes.extracting(range.range))
                if !setup.isEmpty, setup[0] != UInt8(ascii: "{") { blame(key) }
            case "endUser", "end_user":
                let text = try cursor.string(bytes, depth: 1)
                endUser = text.map { JSONText.unescape(bytes, $0.range, limit: 1024) } ?? ""
                if endUser.isEmpty { blame(key, "is not a name") }
            case "fieldMask", "field_mask":
                let isNull = cursor.next(bytes) == UInt8(ascii: "n")
                let text = try cursor.string(bytes, depth: 1)
                if text == nil, !isNull { blame(key, "is not a text of paths") }
                // If the mask were truncated, its last path would be a different one.
                let isTooLong = text.map { $0.range.range.count > SetupFields.longestMask } ?? false
                if isTooLong { blame(key, "is longer than \(SetupFields.longestMask) bytes") }
                let paths =
                    isTooLong ? "" : text.map { JSONText.unescape(bytes, $0.range) } ?? ""
                mask = paths.split(separator: ",", omittingEmptySubsequences: paths.isEmpty)
                    .map { String($0.drop { $0 == " " }) }
            default:
                try cursor.skip(bytes, depth: 1)
                blame(key)
            }
        }
        cursor.at += 1
        try cursor.close(bytes)
        lock = SetupLock(setup: setup, mask: mask)
        if lock.mask.count > SetupFields.mostPaths {
            blame("fieldMask", "has more than \(SetupFields.mostPaths) paths")
        }
        for path in lock.mask {
            if let complaint = SetupFields.complaint(path) { blame("fieldMask", complaint) }
        }
        if try Twins.find(inSetup: lock.message.span) != nil {
            blame("bidiGenerateContentSetup", "says one thing twice")
        }
        return nil
    }

    private mutating func time(
        _ key: String, _ cursor: inout JSONCursor, _ bytes: Span<UInt8>
    ) throws(Malformed) -> WallTime? {
        let text = try cursor.string(bytes, depth: 1)
        let time = text.flatMap {
            WallTime(rfc3339: JSONText.unescape(bytes, $0.range, limit: 64))
        }
        if time == nil { blame(key) }
        return time
    }

    private mutating func blame(_ key: String, _ why: String = "is not understood") {
        if mistake == nil { mistake = Mistake(description: "\(key) \(why)") }
    }
}
