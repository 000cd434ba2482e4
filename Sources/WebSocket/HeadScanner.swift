/// The maximum size of a head. The limit on the whole protects memory; the others give a more
/// specific status.
public struct HeadLimits: Sendable {
    /// Bytes from the first line to the empty one. Default 16 KiB, as in nginx (4 x 8 KiB), Node
    /// (16 KiB) and HAProxy (16 KiB buffers).
    public var bytes: Int
    /// Bytes of the first line. Default 8 KiB, the minimum that RFC 9112 recommends (8,000 octets).
    public var firstLine: Int
    /// Header fields. Default 100, as in Envoy and Apache.
    public var fields: Int

    public init(bytes: Int = 16 << 10, firstLine: Int = 8 << 10, fields: Int = 100) {
        self.bytes = bytes
        self.firstLine = firstLine
        self.fields = fields
    }
}

/// Finds the end of a head that arrives in pieces. Looks at each byte once, so that a head sent one
/// byte at a time costs no more than one sent whole.
///
/// Refuses what no strict head contains: a lone line feed or carriage return, NUL and other control
/// bytes, an empty first line, anything over the limits.
public struct HeadScanner: Sendable {
    private let limits: HeadLimits
    private var scanned = 0
    private var lineStart = 0
    private var previousIsReturn = false

    public init(limits: HeadLimits = HeadLimits()) { self.limits = limits }

    var maximumFields: Int { limits.fields }

    /// Scans what arrived since the last call. Returns the head's length, with its empty line, once
    /// it is complete; what follows is not scanned.
    ///
    /// - Parameter bytes: Everything from the head's first byte on, longer with each call.
    public mutating func advance(_ bytes: Span<UInt8>) throws(HeadError) -> Int? {
        while scanned < bytes.count {
            let byte = bytes[scanned]
            try checkRoom()
            switch (previousIsReturn, byte) {
            case (true, 0x0A):
                let lineLength = scanned - 1 - lineStart
                scanned += 1
                if lineLength == 0 {
                    guard lineStart > 0 else { throw HeadError(400, "empty first line") }
                    return scanned
                }
                lineStart = scanned
                previousIsReturn = false
                continue
            case (true, _): throw HeadError(400, "carriage return without line feed")
            case (false, 0x0D): previousIsReturn = true
            case (false, 0x0A): throw HeadError(400, "line feed without carriage return")
            case (false, _):
                guard isFieldByte(byte) else { throw HeadError(400, "control byte in head") }
            }
            scanned += 1
        }
        return nil
    }

    private func checkRoom() throws(HeadError) {
        if lineStart == 0, scanned >= limits.firstLine {
            throw HeadError(414, "first line too long")
        }
        if scanned >= limits.bytes { throw HeadError(431, "head too long") }
    }
}
