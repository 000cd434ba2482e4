/// The actions that one event leads to. The shell keeps the list and drains it after every event,
/// so that its storage is reused.
public struct Actions: Sendable {
    public private(set) var list: [Action] = []

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

    /// Empties the list; call it once its actions have been performed.
    public mutating func removeAll() {
        // Nearly always one, for which the array's own way takes a hundred instructions more.
        while !list.isEmpty { list.removeLast() }
    }
}
