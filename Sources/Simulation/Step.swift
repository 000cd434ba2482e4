import Basics
import Sessions
import Wire

/// One event of a session with all its effects: what checkers examine.
struct Step {
    var at: Instant
    var event: Event
    var payload: [UInt8]
    var actions: [Action]
    /// Bytes the session holds once they are done.
    var held = 0
}

/// A broken invariant, in words.
public struct Failure: Equatable, Sendable {
    public var invariant: String
    public var what: String

    public init(invariant: String, what: String) {
        self.invariant = invariant
        self.what = what
    }
}

/// Watches one session, step by step, for one invariant of the design.
protocol Invariant {
    static var name: String { get }
    mutating func check(_ step: Step) -> String?
    /// Once the session has ended.
    mutating func finish() -> String?
}

extension Invariant {
    mutating func finish() -> String? { nil }
}
