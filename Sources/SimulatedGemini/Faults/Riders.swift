import Basics

/// Every message carries unknown fields: future ones at every level, and usage reports next to
/// calls and interruptions. Catalogue 16.2.
struct Riders: Fault {
    static let name = "riders"
    static let summary = "adds unknown fields and extra receipts to everything the model says"
    static let occasions: Occasions = .setup

    init(_ options: inout FaultOptions) throws(Complaint) {}

    mutating func strike(_ setup: inout SetupReply) { setup.quirks.sendsRiders = true }
}
