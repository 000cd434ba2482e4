import Sessions

/// A conversation's memory as bytes, for other nodes. Each field is preceded by its length in four
/// bytes, the highest first; a later version adds fields at the end, and the first byte changes only
/// if they mean something else.
extension Memory {
    private static let version: UInt8 = 1

    var packed: [UInt8] {
        var out = [Self.version]
        for field in [
            Array(model.utf8), Array(String(tools).utf8), Array(handle.utf8), transcript,
        ] {
            let count = UInt32(clamping: field.count)
            for shift in [24, 16, 8, 0] as [UInt32] {
                out.append(UInt8(truncatingIfNeeded: count >> shift))
            }
            out += field
        }
        return out
    }

    /// nil if it is not one.
    init?(packed: [UInt8]) {
        guard packed.first == Self.version else { return nil }
        var rest = packed.dropFirst()
        var fields: [[UInt8]] = []
        while rest.count >= 4 {
            let count = Int(rest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
            rest = rest.dropFirst(4)
            guard count <= rest.count else { return nil }
            fields.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        guard rest.isEmpty, fields.count >= 4,
            let tools = UInt64(String(decoding: fields[1], as: UTF8.self))
        else { return nil }
        self.init(
            model: String(decoding: fields[0], as: UTF8.self), tools: tools,
            handle: String(decoding: fields[2], as: UTF8.self), transcript: fields[3])
    }
}
