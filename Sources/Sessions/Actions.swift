import Basics
public import Wire

/// The actions that one event leads to. The shell keeps the list and drains it after every event,
/// so that its storage is reused.
public struct Actions: Sendable {
    public private(set) var list: [Action] = []
    /// What the message in hand reports as used, read once for all: the content of its `used`.
    public private(set) var usage = Usage()
    /// The same, if the message's scan was given this place for it.
    public var scanned: Usage?

    public init() { list.reserveCapacity(16) }

    public var isEmpty: Bool { list.isEmpty }

    @inline(__always) mutating func append(_ action: Action) { list.append(action) }

    /// Removes and returns the last actions, to be replaced.
    mutating func remove(from first: Int) -> [Action] {
        let taken = Array(list[first...])
        list.removeSubrange(first...)
        return taken
    }

    mutating func note(_ fact: Fact) { list.append(.note(fact)) }

    mutating func noteUsed(_ range: ByteRange, _ usage: Usage) {
        self.usage = usage
        list.append(.note(.used(range)))
    }

    /// Empties the list; call it once its actions have been performed.
    public mutating func removeAll() {
        // Nearly always one, for which the array's own way takes a hundred instructions more.
        while !list.isEmpty { list.removeLast() }
        if scanned != nil { scanned = nil }
    }
}
