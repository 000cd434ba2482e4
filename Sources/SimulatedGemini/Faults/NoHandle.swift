import Basics

/// No handle at all, so far or ever. Catalogue 5.2.
struct NoHandle: Fault {
    static let name = "no-handle"
    static let summary = "gives out no handle"
    static let occasions: Occasions = .handle
    static let topic = Topic.handles

    init(_ options: inout FaultOptions) throws(Complaint) {}

    mutating func strike(_ issue: inout Issue) { issue.isSent = false }
}
