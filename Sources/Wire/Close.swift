/// Why a WebSocket connection ended, as in RFC 6455 section 7.4.
public struct Close: Equatable, Sendable {
    public var code: UInt16
    /// UTF-8, at most 123 bytes on the wire; longer ones are truncated at a character.
    public var reason: String

    public init(_ code: UInt16, _ reason: String = "") {
        self.code = code
        self.reason = reason
    }

    /// The peer sent a close frame without a code.
    public static let noStatus = Close(1005)
    /// The connection ended without a close frame.
    public static let abnormal = Close(1006)
}
