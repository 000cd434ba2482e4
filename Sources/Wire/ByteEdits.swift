import Basics

/// Changes to the bytes of one message: spans that go, or that others take the place of, in the
/// order in which they stand. All are made in one pass, and whatever no span covers stays as it
/// came, blanks, spelling and members nobody here knows included. Every edit of a peer's message is
/// made this way; `ServerMessage.edit`, `ClientMessage.edit` and `Setup.edit` say which there are.
struct ByteEdits: Equatable, Sendable {
    private struct Change: Equatable {
        var span: ByteRange
        var new: [UInt8]
    }

    private var changes: [Change] = []

    /// How many there are: a mark to go back to.
    var count: Int { changes.count }

    /// Applied, the bytes are what they were.
    var changesNothing: Bool { changes.allSatisfy { $0.span.isEmpty && $0.new.isEmpty } }

    /// Spans come in their order: none may begin before the one in front of it ends.
    mutating func replace(_ span: ByteRange, with new: [UInt8]) {
        changes.append(Change(span: span, new: new))
    }

    mutating func remove(from start: Int, to end: Int) {
        changes.append(Change(span: ByteRange(start, end), new: []))
    }

    mutating func insert(_ new: [UInt8], at place: Int) {
        changes.append(Change(span: ByteRange(place, place), new: new))
    }

    /// Those of `others` behind those that are there.
    mutating func add(_ others: ByteEdits) { changes += others.changes }

    /// Keeps a place for what may have to be inserted there once what follows has been read.
    mutating func reserve(at place: Int) -> Int {
        insert([], at: place)
        return changes.count - 1
    }

    mutating func insert(_ new: [UInt8], atReserved index: Int) { changes[index].new = new }

    /// Forgets all that were added since `mark`.
    mutating func forget(since mark: Int) { changes.removeSubrange(mark...) }

    /// `place` of `bytes` with the changes made that lie in it.
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
