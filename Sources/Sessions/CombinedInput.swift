import Basics
import Wire

/// A `realtimeInput` of several parts has no order among them on the wire, so a boundary beside
/// other input could be read either way round. Taken apart, each part is a message of its own, in
/// the only order that keeps every word: boundaries outside, input between.
enum CombinedInput {
    /// The parts as messages. With an activity open, an end beside a start closes that one first:
    /// a client's flush.
    static func parts(
        of passage: Passage, payload bytes: Span<UInt8>, isOpen: Bool
    ) -> [Passage] {
        var starts: [Passage] = []
        var others: [Passage] = []
        var ends: [Passage] = []
        var reader = InputReader(passage.message.value)
        while let member = reader.next(in: bytes) {
            let single = message(of: member, in: bytes)
            guard let scanned = try? ClientMessage.scan(single.span) else { continue }
            let part = Passage(message: scanned, kept: single, opcode: passage.opcode)
            if scanned.input.contains(.activityStart) {
                starts.append(part)
            } else if scanned.input.contains(.activityEnd) {
                ends.append(part)
            } else {
                others.append(part)
            }
        }
        let isFlush = isOpen && !starts.isEmpty && !ends.isEmpty
        return isFlush ? others + ends + starts : starts + others + ends
    }

    private static func message(of member: ByteRange, in bytes: Span<UInt8>) -> [UInt8] {
        var single = Array(#"{"realtimeInput":{"#.utf8)
        for index in member.range { single.append(bytes[index]) }
        single.append(contentsOf: #"}}"#.utf8)
        return single
    }
}
