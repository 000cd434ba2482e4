public import Basics
public import Wire

/// Rewrites a message for a recording: on one line, without audio, without what the policy does not
/// permit to keep, and with the same length wherever a session could notice.
public struct Redraft: Sendable {
    /// The words of people and models.
    public var keepsWords: Bool
    /// Arguments and results of tool calls.
    public var keepsArguments: Bool
    public var keepsAudio: Bool
    /// Equal words become equal fillers, so that a session that compares them gets the same result.
    /// Stored nowhere, so that words cannot be found by trial.
    private let salt: UInt64

    public init(keepsWords: Bool, keepsArguments: Bool, keepsAudio: Bool, salt: UInt64) {
        self.keepsWords = keepsWords
        self.keepsArguments = keepsArguments
        self.keepsAudio = keepsAudio
        self.salt = salt
    }

    /// What a value belongs to.
    private enum Place { case message, setup, secret, tool }

    /// Nil if the message is not a JSON object.
    public func redraft(_ message: Span<UInt8>) -> [UInt8]? {
        var output: [UInt8] = []
        do throws(Malformed) {
            let whole = try JSONPlaces.object(message)
            output.reserveCapacity(256)
            try object(message, whole, .message, isTop: true, &output)
            // White space around the object would be lost on the line; inside it counts as bytes.
            if let brace = output.popLast() {
                output += repeatElement(UInt8(ascii: " "), count: message.count - whole.count)
                output.append(brace)
            }
        } catch {
            return nil
        }
        return output
    }

    private func object(
        _ bytes: Span<UInt8>, _ range: ByteRange, _ place: Place, isTop: Bool = false,
        _ output: inout [UInt8]
    ) throws(Malformed) {
        var at = range.lower
        for member in try JSONPlaces.members(bytes, range) {
            copy(bytes, at, member.value.lower, &output)
            let key = JSONText.unescape(bytes, member.key, limit: 64)
            try value(bytes, member.value, key, Self.place(of: key, in: place, isTop), &output)
            at = member.value.upper
        }
        copy(bytes, at, range.upper, &output)
    }

    private static func place(of key: String, in place: Place, _ isTop: Bool) -> Place {
        switch key {
        case "setup" where isTop: .setup
        case "toolCall", "tool_call", "toolResponse", "tool_response", "functionCall",
            "function_call":
            place == .message ? .tool : place
        // Headers for tool servers, which carry credentials.
        case "headers" where place == .setup: .secret
        default: place
        }
    }

    private func value(
        _ bytes: Span<UInt8>, _ range: ByteRange, _ key: String, _ place: Place,
        _ output: inout [UInt8]
    ) throws(Malformed) {
        let first = bytes[Int(range.lower)]
        if place == .tool, key == "args" || key == "response" {
            if keepsArguments { return copy(bytes, range.lower, range.upper, &output) }
            return fill(bytes, range, &output)
        }
        switch first {
        case UInt8(ascii: "{"): try object(bytes, range, place, &output)
        case UInt8(ascii: "["):
            var at = range.lower
            for element in try JSONPlaces.elements(bytes, range) {
                copy(bytes, at, element.lower, &output)
                try value(bytes, element, key, place, &output)
                at = element.upper
            }
            copy(bytes, at, range.upper, &output)
        case UInt8(ascii: "\""):
            string(
                bytes, ByteRange(Int(range.lower) + 1, Int(range.upper) - 1), key, place, &output)
        default: copy(bytes, range.lower, range.upper, &output)
        }
    }

    /// Without quotes.
    private func string(
        _ bytes: Span<UInt8>, _ range: ByteRange, _ key: String, _ place: Place,
        _ output: inout [UInt8]
    ) {
        if key == "data", !keepsAudio, place != .setup {
            return Blob(bytes, range).append(to: &output)
        }
        output.append(UInt8(ascii: "\""))
        if place == .secret || Self.credentials.contains(key) {
            appendLetters(hash(bytes, range.range), range.count, &output)
        } else if keeps(key, place) {
            copy(bytes, range.lower, range.upper, &output)
        } else {
            appendWords(bytes, range.range, &output)
        }
        output.append(UInt8(ascii: "\""))
    }

    private func keeps(_ key: String, _ place: Place) -> Bool {
        switch place {
        case .setup: keepsWords || key != "text"
        case .tool: keepsArguments || Self.structure.contains(key)
        case .message: keepsWords || Self.structure.contains(key)
        case .secret: false
        }
    }

    /// Handles give access to a conversation.
    private static let credentials: Set<String> = [
        "handle", "newHandle", "new_handle", "apiKey", "api_key", "authorization", "accessToken",
        "access_token", "password", "secret",
    ]

    /// Strings about the structure of a message, not its content.
    private static let structure: Set<String> = [
        "mimeType", "mime_type", "role", "id", "ids", "name", "scheduling", "timeLeft", "time_left",
        "turnCompleteReason", "turn_complete_reason", "interactionStatus", "interaction_status",
        "modality", "vadSignalType", "vad_signal_type", "voiceActivityType", "voice_activity_type",
        "data",
    ]

    // MARK: Fillers

    /// Replaces an object, a list or another value by the same number of bytes.
    private func fill(_ bytes: Span<UInt8>, _ range: ByteRange, _ output: inout [UInt8]) {
        let count = range.count
        let letters = hash(bytes, range.range)
        switch bytes[Int(range.lower)] {
        case UInt8(ascii: "{") where count >= 7:
            output += "{\"\":\"".utf8
            appendLetters(letters, count - 7, &output)
            output += "\"}".utf8
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            output.append(bytes[Int(range.lower)])
            output += repeatElement(UInt8(ascii: " "), count: count - 2)
            output.append(bytes[Int(range.upper) - 1])
        case UInt8(ascii: "\""):
            output.append(UInt8(ascii: "\""))
            appendLetters(letters, count - 2, &output)
            output.append(UInt8(ascii: "\""))
        default:
            output += repeatElement(UInt8(ascii: " "), count: count - 1)
            output.append(UInt8(ascii: "0"))
        }
    }

    /// Spaces and punctuation stay, so that sentences keep their shape.
    private func appendWords(_ bytes: Span<UInt8>, _ range: Range<Int>, _ output: inout [UInt8]) {
        var at = range.lowerBound
        while at < range.upperBound {
            var end = at
            while end < range.upperBound, Self.isPartOfWord(bytes[end]) { end += 1 }
            if end > at {
                appendLetters(hash(bytes, at..<end), end - at, &output)
                at = end
            } else {
                output.append(bytes[at])
                at += 1
            }
        }
    }

    private static func isPartOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: "?"),
            UInt8(ascii: "!"):
            false
        default: true
        }
    }

    private func hash(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        var hash = salt ^ 0xCBF2_9CE4_8422_2325
        for at in range { hash = (hash ^ UInt64(bytes[at])) &* 0x100_0000_01B3 }
        return hash
    }

    private func appendLetters(_ seed: UInt64, _ count: Int, _ output: inout [UInt8]) {
        var random = SeededRandom(seed: seed)
        var bits = random.next()
        for index in 0..<max(0, count) {
            if index % 12 == 11 { bits = random.next() }
            output.append(UInt8(ascii: "a") + UInt8(truncatingIfNeeded: bits % 26))
            bits /= 26
        }
    }

    /// Unchanged, except for the line ends of pretty-printed messages.
    private func copy(
        _ bytes: Span<UInt8>, _ from: Int32, _ to: Int32, _ output: inout [UInt8]
    ) {
        let start = output.count
        Bytes.append(bytes.extracting(Int(from)..<Int(to)), to: &output)
        for at in start..<output.count where output[at] < 0x20 { output[at] = 0x20 }
    }
}

extension Redraft {
    /// A message that the session could have seen, restored from what `redraft` wrote: base64 of
    /// the same length in place of audio.
    public static func restore(
        _ bytes: Span<UInt8>, _ whole: ByteRange
    ) throws(Malformed) -> [UInt8] {
        var output: [UInt8] = []
        try restore(bytes, whole, isData: false, &output)
        return output
    }

    private static func restore(
        _ bytes: Span<UInt8>, _ range: ByteRange, isData: Bool, _ output: inout [UInt8]
    ) throws(Malformed) {
        if isData, let blob = Blob(written: bytes, range) {
            guard output.count + blob.length <= Blob.longest else {
                throw Malformed(.badNumber, at: Int(range.lower))
            }
            output.append(UInt8(ascii: "\""))
            blob.appendText(to: &output)
            output.append(UInt8(ascii: "\""))
            return
        }
        var at = Int(range.lower)
        switch bytes[Int(range.lower)] {
        case UInt8(ascii: "{"):
            for member in try JSONPlaces.members(bytes, range) {
                Bytes.append(bytes.extracting(at..<Int(member.value.lower)), to: &output)
                let isData = JSONText.equals(bytes, member.key, "data")
                try restore(bytes, member.value, isData: isData, &output)
                at = Int(member.value.upper)
            }
        case UInt8(ascii: "["):
            for element in try JSONPlaces.elements(bytes, range) {
                Bytes.append(bytes.extracting(at..<Int(element.lower)), to: &output)
                try restore(bytes, element, isData: false, &output)
                at = Int(element.upper)
            }
        default: break
        }
        Bytes.append(bytes.extracting(at..<Int(range.upper)), to: &output)
    }
}
