public import Basics

/// The messages that the proxy writes itself: compact, camelCase, legal by the wire reference.
public enum Compose {
    // To gemini.

    public static let activityStart: [UInt8] = Array(
        #"{"realtimeInput":{"activityStart":{}}}"#.utf8)
    public static let activityEnd: [UInt8] = Array(#"{"realtimeInput":{"activityEnd":{}}}"#.utf8)
    public static let audioStreamEnd: [UInt8] =
        Array(#"{"realtimeInput":{"audioStreamEnd":true}}"#.utf8)
    /// Generate now, from all content so far.
    public static let turnComplete: [UInt8] =
        Array(#"{"clientContent":{"turnComplete":true}}"#.utf8)

    /// PCM, 16 bit, mono, little endian at `rate` samples per second.
    public static func audio(pcm: Span<UInt8>, rate: Int32 = 16_000) -> [UInt8] {
        audio(rate) { Base64.encode(pcm, into: &$0) }
    }

    /// Audio whose base64 text is in another message.
    public static func audio(
        base64 range: ByteRange, of bytes: Span<UInt8>, rate: Int32 = 16_000
    ) -> [UInt8] {
        audio(rate) { output in
            Bytes.append(
                bytes.extracting(range.range.clamped(to: 0..<bytes.count)), to: &output)
        }
    }

    /// Zeros at `rate` samples per second: one message of at most ten seconds.
    public static func silence(_ duration: Interval, rate: Int32 = 16_000) -> [UInt8] {
        let milliseconds = Int(min(max(duration.milliseconds, 0), 10_000))
        let bytes = milliseconds * Int(rate) / 1000 * 2
        // Zeros are `A` in base64, and 48 bytes are 64 of them.
        return audio(rate) { output in
            output.append(contentsOf: repeatElement(UInt8(ascii: "A"), count: bytes / 3 * 4))
            switch bytes % 3 {
            case 1: output.append(contentsOf: "AA==".utf8)
            case 2: output.append(contentsOf: "AAA=".utf8)
            default: break
            }
        }
    }

    private static func audio(_ rate: Int32, _ data: (inout [UInt8]) -> Void) -> [UInt8] {
        var output = Array(
            #"{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=\#(rate)","data":""#.utf8)
        data(&output)
        output.append(contentsOf: #""}}}"#.utf8)
        return output
    }

    /// `realtimeInput.text`.
    public static func text(_ text: String) -> [UInt8] {
        join(#"{"realtimeInput":{"text":"#, text, "}}")
    }

    public struct Turn: Equatable, Sendable {
        public enum Role: String, Sendable { case user, model, system }

        public var role: Role
        public var text: String
        /// More parts, as JSON.
        public var parts: [[UInt8]]

        public init(_ role: Role, _ text: String, and parts: [[UInt8]] = []) {
            self.role = role
            self.text = text
            self.parts = parts
        }
    }

    /// `clientContent` with turns; a nil `turnComplete` is left out.
    public static func content(_ turns: [Turn], turnComplete: Bool?) -> [UInt8] {
        var output = Array(#"{"clientContent":{"turns":["#.utf8)
        for (place, turn) in turns.enumerated() {
            if place > 0 { output.append(UInt8(ascii: ",")) }
            output += join(
                #"{"role":"\#(turn.role.rawValue)","parts":[{"text":"#, turn.text, "}")
            for part in turn.parts { output += [UInt8(ascii: ",")] + part }
            output += "]}".utf8
        }
        output.append(UInt8(ascii: "]"))
        if let turnComplete { output.append(contentsOf: #","turnComplete":\#(turnComplete)"#.utf8) }
        output.append(contentsOf: "}}".utf8)
        return output
    }

    /// A `toolResponse` of results copied from other messages: whole elements.
    public static func toolResponse(_ results: [[UInt8]]) -> [UInt8] {
        var output = Array(#"{"toolResponse":{"functionResponses":["#.utf8)
        output += results.joined(separator: [UInt8(ascii: ",")])
        output.append(contentsOf: "]}}".utf8)
        return output
    }

    // To the client.

    /// A `toolCall` of calls copied from other messages: whole elements.
    public static func toolCall(_ calls: [[UInt8]]) -> [UInt8] {
        var output = Array(#"{"toolCall":{"functionCalls":["#.utf8)
        output += calls.joined(separator: [UInt8(ascii: ",")])
        output.append(contentsOf: "]}}".utf8)
        return output
    }

    public static let setupComplete: [UInt8] = Array(#"{"setupComplete":{}}"#.utf8)
    public static let interrupted: [UInt8] = Array(#"{"serverContent":{"interrupted":true}}"#.utf8)
    public static let generationComplete: [UInt8] =
        Array(#"{"serverContent":{"generationComplete":true}}"#.utf8)
    public static let serverTurnComplete: [UInt8] =
        Array(#"{"serverContent":{"turnComplete":true}}"#.utf8)

    /// The end of a turn for a family that signals the end of its work.
    public static let serverIdleTurnComplete: [UInt8] =
        Array(#"{"serverContent":{"turnComplete":true,"interactionStatus":"IDLE"}}"#.utf8)

    /// A false `resumable` is left out, as the service does.
    public static func resumptionUpdate(handle: String, resumable: Bool = true) -> [UInt8] {
        let end = resumable ? #","resumable":true}}"# : "}}"
        return join(#"{"sessionResumptionUpdate":{"newHandle":"#, handle, end)
    }

    /// Formatted as by the service: whole seconds, or three decimals.
    public static func goAway(timeLeft: Interval) -> [UInt8] {
        let milliseconds = max(0, timeLeft.milliseconds)
        var text = "\(milliseconds / 1000)"
        if milliseconds % 1000 > 0 { text += "." + String(1000 + milliseconds % 1000).dropFirst() }
        return join(#"{"goAway":{"timeLeft":"#, text + "s", "}}")
    }

    /// A JSON string between two pieces of JSON.
    private static func join(_ head: String, _ text: String, _ tail: String) -> [UInt8] {
        var output = Array(head.utf8)
        JSONText.append(text, to: &output)
        output.append(contentsOf: tail.utf8)
        return output
    }
}
