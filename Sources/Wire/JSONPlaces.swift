public import Basics

/// The positions of values in a JSON text, for copying a message piece by piece.
public enum JSONPlaces {
    /// A member of an object: its key, without quotes, and its value, with quotes or brackets.
    public struct Member: Equatable, Sendable {
        public var key: ByteRange
        public var value: ByteRange
    }

    /// The single object in `bytes`, without surrounding white space; the whole text has been
    /// checked.
    public static func object(_ bytes: Span<UInt8>) throws(Malformed) -> ByteRange {
        var cursor = JSONCursor()
        guard cursor.next(bytes) == UInt8(ascii: "{") else {
            throw Malformed(cursor.at == bytes.count ? .empty : .notAnObject, at: cursor.at)
        }
        let start = cursor.at
        try cursor.skip(bytes, depth: 0)
        let end = cursor.at
        try cursor.close(bytes)
        return ByteRange(start, end)
    }

    /// The members of the object at `place`, in order.
    public static func members(
        _ bytes: Span<UInt8>, _ place: ByteRange
    ) throws(Malformed) -> [Member] {
        var cursor = JSONCursor(at: Int(place.lower))
        guard cursor.next(bytes) == UInt8(ascii: "{") else { throw cursor.blame(bytes) }
        cursor.at += 1
        if cursor.next(bytes) == UInt8(ascii: "}") { return [] }
        var members: [Member] = []
        while true {
            let key = try cursor.keyText(bytes).range
            _ = cursor.next(bytes)
            let start = cursor.at
            try cursor.skip(bytes, depth: 0)
            members.append(Member(key: key, value: ByteRange(start, cursor.at)))
            if cursor.next(bytes) == UInt8(ascii: "}") { return members }
            guard cursor.next(bytes) == UInt8(ascii: ",") else { throw cursor.blame(bytes) }
            cursor.at += 1
        }
    }

    /// The elements of the list at `place`.
    public static func elements(
        _ bytes: Span<UInt8>, _ place: ByteRange
    ) throws(Malformed) -> [ByteRange] {
        var cursor = JSONCursor(at: Int(place.lower))
        guard cursor.next(bytes) == UInt8(ascii: "[") else { throw cursor.blame(bytes) }
        cursor.at += 1
        if cursor.next(bytes) == UInt8(ascii: "]") { return [] }
        var elements: [ByteRange] = []
        while true {
            _ = cursor.next(bytes)
            let start = cursor.at
            try cursor.skip(bytes, depth: 0)
            elements.append(ByteRange(start, cursor.at))
            if cursor.next(bytes) == UInt8(ascii: "]") { return elements }
            guard cursor.next(bytes) == UInt8(ascii: ",") else { throw cursor.blame(bytes) }
            cursor.at += 1
        }
    }

    /// The text of the string at `place`; nil for any other value.
    public static func string(
        _ bytes: Span<UInt8>, _ place: ByteRange, limit: Int = 65_536
    ) -> String? {
        guard place.count >= 2, bytes[Int(place.lower)] == UInt8(ascii: "\"") else { return nil }
        return JSONText.unescape(
            bytes, ByteRange(Int(place.lower) + 1, Int(place.upper) - 1), limit: limit)
    }

    /// The integer at `place`; nil for any other value.
    public static func integer(_ bytes: Span<UInt8>, _ place: ByteRange) -> Int64? {
        JSONText.integer(bytes, place.range)
    }
}
