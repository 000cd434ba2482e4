import Basics

/// Changes to the bytes of one message: spans to remove or to replace, in order. All are made in
/// one pass; whatever no span covers stays unchanged, including white space, spelling and unknown
/// members. Every edit of a peer's message is made this way; see `ServerMessage.edit`,
/// `ClientMessage.edit` and `Setup.edit`.
struct ByteEdits: Equatable, Sendable {
    private struct Change: Equatable {
        var span: ByteRange
        var new: [UInt8]
    }

    private var changes: [Change] = []

    /// The number of changes: a mark to go back to.
    var count: Int { changes.count }

    /// Spans must be added in order: none may begin before the previous one ends.
    mutating func replace(_ span: ByteRange, with new: [UInt8]) {
        changes.append(Change(span: span, new: new))
    }

    mutating func remove(from start: Int, to end: Int) {
        changes.append(Change(span: ByteRange(start, end), new: []))
    }

    mutating func insert(_ new: [UInt8], at place: Int) {
        changes.append(Change(span: ByteRange(place, place), new: new))
    }

    /// Appends the changes of `others`.
    mutating func add(_ others: ByteEdits) { changes += others.changes }

    /// Reserves a position for something that may have to be inserted once the rest has been read.
    mutating func reserve(at place: Int) -> Int {
        insert([], at: place)
        return changes.count - 1
    }

    mutating func insert(_ new: [UInt8], atReserved index: Int) { changes[index].new = new }

    /// Discards all changes added since `mark`.
    mutating func forget(since mark: Int) { changes.removeSubrange(mark...) }

    /// `place` of `bytes` with the changes inside it applied.
    func applied(to bytes: Span<UInt8>, in place: Range<Int>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(changes.reduce(place.count) { $0 + $1.new.count })
        var at = place.lowerBound
        for change in changes {
            let end = min(max(at, Int(change.span.upper)), place.upperBound)
            let start = min(max(at, Int(change.span.lower)), end)
            Bytes.append(bytes.extracting(at..<start), to: &output)
            output += change.new
            at = end
        }
        Bytes.append(bytes.extracting(at..<place.upperBound), to: &output)
        return output
    }

    func applied(to bytes: Span<UInt8>) -> [UInt8] { applied(to: bytes, in: 0..<bytes.count) }
}
