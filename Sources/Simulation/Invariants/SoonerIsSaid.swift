import Basics
import Sessions

/// A session whose deadline comes nearer says so: otherwise nobody would ask for it in time.
struct SoonerIsSaid {
    private var last = Instant.distantFuture

    /// After an event; what is wrong, if anything.
    mutating func check(_ session: inout Session) -> String? {
        let isSaid = session.mayBeDueSooner
        let due = session.deadline ?? .distantFuture
        defer { last = due }
        return due < last && !isSaid ? "a deadline comes nearer and is not said to" : nil
    }
}
