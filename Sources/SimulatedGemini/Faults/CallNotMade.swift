import Basics

/// Speaks where it was asked to call. Catalogue 8.1.
struct CallNotMade: Fault {
    static let name = "call-not-made"
    static let summary = "speaks instead of calling the tool it was asked to call"
    static let occasions: Occasions = .mind
    static let topic = Topic.tools

    init(_ options: inout FaultOptions) throws(Complaint) {}

    mutating func strike(_ mind: inout Mind) { mind.callsTools = false }
}
