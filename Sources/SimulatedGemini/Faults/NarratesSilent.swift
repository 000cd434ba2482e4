import Basics

/// Talks about results that were meant to be silent. Catalogue 8.8.
struct NarratesSilent: Fault {
    static let name = "narrates-silent"
    static let summary = "speaks about tool results whose scheduling says SILENT"
    static let occasions: Occasions = .setup
    static let topic = Topic.tools

    init(_ options: inout FaultOptions) throws(Complaint) {}

    mutating func strike(_ setup: inout SetupReply) { setup.quirks.narratesSilentResults = true }
}
