import Basics

extension ClientMessage {
    /// Splits a message that has several parts: each member of the union, and each kind of input in
    /// a `realtimeInput`, becomes a separate message, made of its original bytes. The parts of one
    /// message have no order; they get the only one that keeps every word: a `setup` first,
    /// boundaries outside, input between. With `endsFirst`, or without input, an end next to a
    /// start closes what was open before, and the order is input, end, start: otherwise the
    /// activity would be empty, and later input would be outside of it.
    ///
    /// Unknown members go with the first message. A message of one part, or none, is returned
    /// unchanged, and so are bytes that are not a message.
    public static func split(_ bytes: Span<UInt8>, endsFirst: Bool) -> [[UInt8]] {
        let parts = (try? ClientPart.all(bytes)) ?? []
        guard parts.count > 1 else { return [[UInt8](copying: bytes)] }
        let endsFirst = endsFirst || !parts.contains(where: \.isContent)
        let isFlush = endsFirst && parts.contains { $0.input == .activityEnd }
        let ordered = (0..<6).flatMap { rank in
            parts.filter { $0.rank(isFlush: isFlush) == rank }
        }
        var isFirstInput = true
        return ordered.enumerated().compactMap { place, part in
            defer { if part.member == .realtimeInput { isFirstInput = false } }
            return part.message(
                bytes, besides: parts, isFirst: place == 0, isFirstInput: isFirstInput)
        }
    }
}

/// A member of the union, or one kind of input of its `realtimeInput`.
private struct ClientPart: Equatable {
    var member: Name
    var input: Name?

    /// In document order; a null or a false counts as absent.
    static func all(_ bytes: Span<UInt8>) throws(Malformed) -> [ClientPart] {
        var parts: [ClientPart] = []
        var editor = JSONEditor()
        _ = try editor.object(bytes, depth: 0) { editor, key throws(Malformed) in
            let member = key.name(bytes)
            guard ClientMessage.Members(member) != nil, editor.isPresent(bytes) else {
                return try editor.pass(bytes, depth: 1, .keep)
            }
            let before = parts.count
            if member == .realtimeInput {
                _ = try editor.object(bytes, depth: 1) { editor, key throws(Malformed) in
                    let part = ClientPart(member: member, input: key.name(bytes))
                    if ClientMessage.Input(key.name(bytes)) != nil, editor.isPresent(bytes),
                        !parts.contains(part)
                    {
                        parts.append(part)
                    }
                    return try editor.pass(bytes, depth: 2, .keep)
                }
            } else {
                try editor.cursor.skip(bytes, depth: 1)
            }
            if parts.count == before, !parts.contains(where: { $0.member == member }) {
                parts.append(ClientPart(member: member))
            }
            return .keep
        }
        try editor.cursor.close(bytes)
        return parts
    }

    var isContent: Bool { rank(isFlush: false) == 2 }

    /// Its position among the others; equal ranks keep their order.
    func rank(isFlush: Bool) -> Int {
        switch input {
        case .activityStart: isFlush ? 5 : 1
        case .audioStreamEnd: 3
        case .activityEnd: 4
        default: member == .setup ? 0 : 2
        }
    }

    /// The message without the other `parts`.
    func message(
        _ bytes: Span<UInt8>, besides parts: [ClientPart], isFirst: Bool, isFirstInput: Bool
    ) -> [UInt8]? {
        func fate(_ part: ClientPart, orRest isFirst: Bool) -> JSONEditor.Fate {
            if part == self { return .keep }
            return isFirst && !parts.contains(part) ? .keep : .remove
        }
        var editor = JSONEditor()
        let rest = try? editor.object(bytes, depth: 0) { editor, key throws(Malformed) in
            let name = key.name(bytes)
            guard name == .realtimeInput, input != nil else {
                let isOther = name == .realtimeInput && parts.contains { $0.member == name }
                let part = ClientPart(member: name)
                return try editor.pass(
                    bytes, depth: 1, isOther && part != self ? .remove : fate(part, orRest: isFirst)
                )
            }
            let rest = try editor.object(bytes, depth: 1) { editor, key throws(Malformed) in
                let part = ClientPart(member: name, input: key.name(bytes))
                return try editor.pass(bytes, depth: 2, fate(part, orRest: isFirstInput))
            }
            return rest?.fate ?? .remove
        }
        guard let rest else { return nil }
        return rest.isEmptied ? nil : editor.edits.applied(to: bytes)
    }
}

extension JSONEditor {
    /// Whether the next value is neither null nor false.
    fileprivate mutating func isPresent(_ bytes: Span<UInt8>) -> Bool {
        let byte = cursor.next(bytes)
        return byte != UInt8(ascii: "n") && byte != UInt8(ascii: "f")
    }
}
