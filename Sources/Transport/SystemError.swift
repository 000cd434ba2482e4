import CLinux

/// A call to the kernel that failed: what we were doing, and the system's own words.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    public var operation: String
    /// An `errno`.
    public var code: Int32

    public init(_ operation: String, _ code: Int32) {
        self.operation = operation
        self.code = code
    }

    public var description: String { "\(operation): \(Self.text(code))" }

    /// The system's words for an `errno`.
    public static func text(_ code: Int32) -> String {
        // SAFETY: the buffer is a local of 128 bytes, as the call wants; the text it returns lies
        // there or in static memory, and is copied before the buffer goes.
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let text = unsafe tk_error_text(code, buffer.baseAddress) else { return "" }
            return unsafe String(cString: text)
        }
    }
}
