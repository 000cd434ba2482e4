import Basics
import Sessions

/// A conversation's memory as bytes, for other nodes. Each field is preceded by its length in four
/// bytes, the highest first; a later version adds fields at the end, and the first byte changes
/// only if existing fields change their meaning.
extension Memory {
    private static let version: UInt8 = 1

    var packed: [UInt8] {
        var out = [Self.version]
        for field in [
            Array(model.utf8), Array(String(tools).utf8), Array(handle.utf8), transcript,
            Array(String(putOff.nanoseconds).utf8), Array(String(mayAwaitResults ? 1 : 0).utf8),
            Array(String(changes.setup).utf8), changes.instruction, changes.tools,
            Array(String(used.cost).utf8), Array(String(used.tokens).utf8),
        ] {
            let count = UInt32(clamping: field.count)
            for shift in [24, 16, 8, 0] as [UInt32] {
                out.append(UInt8(truncatingIfNeeded: count >> shift))
            }
            out += field
        }
        return out
    }

    /// nil if the bytes are not a packed memory.
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
        func text(_ index: Int) -> String { String(decoding: fields[index], as: UTF8.self) }
        guard rest.isEmpty, fields.count >= 4, let tools = UInt64(text(1)) else { return nil }
        self.init(model: text(0), tools: tools, handle: text(2), transcript: fields[3])
        guard fields.count >= 9 else { return }
        putOff = Interval(nanoseconds: Int64(text(4)) ?? 0)
        mayAwaitResults = text(5) != "0"
        changes.setup = UInt64(text(6)) ?? 0
        changes.instruction = fields[7]
        changes.tools = fields[8]
        guard fields.count >= 11 else { return }
        used = Used(cost: Int64(text(9)) ?? 0, tokens: Int64(text(10)) ?? 0)
    }
}
