public import Basics

/// Reads a `contextUpdate`: the parts of the setup that it replaces.
public enum ContextReader {
    /// The new instruction, a `Content`; `nil` if it does not change.
    ///
    /// - Parameter value: The member's value: `ClientMessage.value`.
    public static func systemInstruction(
        _ value: ByteRange, in bytes: Span<UInt8>
    ) -> [UInt8]? {
        member("systemInstruction", "system_instruction", of: value, in: bytes)
            .map { copy($0, bytes) }
    }

    /// The new list of tools, empty if there shall be none; `nil` if it does not change.
    public static func tools(_ value: ByteRange, in bytes: Span<UInt8>) -> [UInt8]? {
        guard let wrapper = member("tools", "tools", of: value, in: bytes) else { return nil }
        guard let list = member("tools", "tools", of: wrapper, in: bytes) else {
            return Array("[]".utf8)
        }
        return copy(list, bytes)
    }

    private static func member(
        _ name: String, _ original: String, of value: ByteRange, in bytes: Span<UInt8>
    ) -> ByteRange? {
        guard let members = try? JSONPlaces.members(bytes, value) else { return nil }
        return members.first { member in
            JSONText.equals(bytes, member.key, name) || JSONText.equals(bytes, member.key, original)
        }?.value
    }

    private static func copy(_ range: ByteRange, _ bytes: Span<UInt8>) -> [UInt8] {
        [UInt8](copying: bytes.extracting(range.range.clamped(to: 0..<bytes.count)))
    }
}
