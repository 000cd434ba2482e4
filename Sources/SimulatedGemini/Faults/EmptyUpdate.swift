import Basics

/// An update without a handle: not resumable right now. Catalogue 5.1.
struct EmptyUpdate: Fault {
    static let name = "empty-update"
    static let summary = "sends sessionResumptionUpdate without a handle"
    static let occasions: Occasions = .handle
    static let topic = Topic.handles

    init(_ options: inout FaultOptions) throws(Complaint) {}

    mutating func strike(_ issue: inout Issue) { issue.update.resumption = .notResumable }
}
