import Basics

/// A handle that was made before the last turn was taken in. Catalogue 5.9.
struct StaleHandle: Fault {
    static let name = "stale-handle"
    static let summary = "gives out handles that have forgotten the last turn"
    static let occasions: Occasions = .handle
    static let topic = Topic.handles

    init(_ options: inout FaultOptions) throws(Complaint) {}

    mutating func strike(_ issue: inout Issue) { issue.ticket.memory = issue.memoryBefore }
}
