public import Basics

/// The messages a proxy writes itself: compact, camelCase, each legal by the wire reference.
public enum Compose {
    // To gemini.

    public static let activityStart: [UInt8] = Array(
        #"{"realtimeInput":{"activityStart":{}}}"#.utf8)
    public static let activityEnd: [UInt8] = Array(#"{"realtimeInput":{"activityEnd":{}}}"#.utf8)
    public static let audioStreamEnd: [UInt8] =
        Array(#"{"realtimeInput":{"audioStreamEnd":true}}"#.utf8)
    /// Generate now, from all content held so far.
    public static let turnComplete: [UInt8] =
        Array(#"{"clientContent":{"turnComplete":true}}"#.utf8)
    /// No content and no turn: some models take it as a wish to stop talking.
    public static let turnIncomplete: [UInt8] =
        Array(#"{"clientContent":{"turnComplete":false}}"#.utf8)

    /// PCM, 16 bit, mono, little endian at `rate` samples per second.
    public static func audio(pcm: Span<UInt8>, rate: Int32 = 16_000) -> [UInt8] { [] }

    /// Audio whose base64 text stands in another message.
    public static func audio(
        base64 range: ByteRange, of bytes: Span<UInt8>, rate: Int32 = 16_000
    ) -> [UInt8] { [] }

    /// Zeros at 16 kHz; one message, so keep it to a second or so.
    public static func silence(_ duration: Interval) -> [UInt8] { [] }

    /// `realtimeInput.text`.
    public static func text(_ text: String) -> [UInt8] { [] }

    public struct Turn: Equatable, Sendable {
        public enum Role: String, Sendable { case user, model, system }

        public var role: Role
        public var text: String

        public init(_ role: Role, _ text: String) {
            self.role = role
            self.text = text
        }
    }

    /// `clientContent` with turns; `turnComplete` nil leaves the field out.
    public static func content(_ turns: [Turn], turnComplete: Bool?) -> [UInt8] { [] }

    /// `toolResponse` that says the call failed. An empty `id` or `name` is left out.
    public static func toolError(id: String, name: String, message: String) -> [UInt8] { [] }

    // To the client.

    public static let setupComplete: [UInt8] = Array(#"{"setupComplete":{}}"#.utf8)
    public static let interrupted: [UInt8] = Array(#"{"serverContent":{"interrupted":true}}"#.utf8)
    public static let generationComplete: [UInt8] =
        Array(#"{"serverContent":{"generationComplete":true}}"#.utf8)
    public static let serverTurnComplete: [UInt8] =
        Array(#"{"serverContent":{"turnComplete":true}}"#.utf8)

    /// `resumable` false is left out, as the service does.
    public static func resumptionUpdate(handle: String, resumable: Bool = true) -> [UInt8] { [] }

    public static func goAway(timeLeft: Interval) -> [UInt8] { [] }
}
