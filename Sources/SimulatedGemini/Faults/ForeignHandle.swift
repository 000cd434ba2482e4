import Basics

/// A handle that belongs to another model, as after a fallback. Catalogue 5.12, section 14.
struct ForeignHandle: Fault {
    static let name = "foreign-handle"
    static let summary = "gives out handles of another model, refused with 1007"
    static let occasions: Occasions = .handle
    static let topic = Topic.handles

    init(_ options: inout FaultOptions) throws(Complaint) {}

    mutating func strike(_ issue: inout Issue) { issue.ticket.model = "" }
}
