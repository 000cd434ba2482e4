import Basics
public import Wire

/// The actions that result from one event. The shell keeps the list and drains it after every
/// event, so that its storage is reused.
public struct Actions: Sendable {
    /// `.forward` is the only action, as for nearly every message: it needs no list.
    public private(set) var isForward = false
    /// All actions, unless `isForward`.
    @usableFromInline private(set) var rest: [Action] = []
    /// The usage that the current message reports, read once for all: the content of its `used`.
    public private(set) var usage = Usage()
    /// The same, if the message's scan was given this variable for it.
    public var scanned = Usage()
    /// The scan was given it, and found a report.
    public var isScanned = false

    public init() { rest.reserveCapacity(16) }

    public var list: [Action] { isForward ? [.forward] : rest }
    @inlinable public var count: Int { isForward ? 1 : rest.count }
    public var isEmpty: Bool { count == 0 }

    /// Takes an action out of the list, to perform it: it is large, and a copy would also have to
    /// be destroyed. Its slot stays.
    public mutating func take(_ index: Int) -> Action {
        var action = Action.forward
        if !isForward { swap(&action, &rest[index]) }
        return action
    }

    /// Appends `.forward`.
    @inline(__always) mutating func forward() {
        if rest.isEmpty, !isForward { isForward = true } else { append(.forward) }
    }

    @inline(__always) mutating func append(_ action: consuming Action) {
        if isForward {
            isForward = false
            rest.append(.forward)
        }
        rest.append(action)
    }

    /// Removes and returns the last actions, to be replaced.
    mutating func remove(from first: Int) -> [Action] {
        let taken = Array(list[first...])
        if isForward { isForward = first > 0 } else { rest.removeSubrange(first...) }
        return taken
    }

    mutating func note(_ fact: consuming Fact) { append(.note(fact)) }

    mutating func noteUsed(_ range: ByteRange, _ usage: Usage) {
        self.usage = usage
        append(.note(.used(range)))
    }

    /// Empties the list; call it once its actions have been performed.
    public mutating func removeAll() {
        isForward = false
        isScanned = false
        // Nearly always a few, for which the array's own method takes a hundred instructions more.
        while !rest.isEmpty { rest.removeLast() }
    }
}
