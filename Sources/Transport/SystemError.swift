import CLinux

/// A failed system call: what we were doing, and the system's message.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    public var operation: String
    /// An `errno`.
    public var code: Int32

    public init(_ operation: String, _ code: Int32) {
        self.operation = operation
        self.code = code
    }

    public var description: String { "\(operation): \(Self.text(code))" }

    /// The system's message for an `errno`.
    public static func text(_ code: Int32) -> String {
        // SAFETY: a local buffer of the 128 bytes that the call requires; the returned text is in
        // it or in static memory, and copied before the buffer is released.
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let text = unsafe tk_error_text(code, buffer.baseAddress) else { return "" }
            return unsafe String(cString: text)
        }
    }
}
