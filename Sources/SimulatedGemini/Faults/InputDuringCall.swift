import Basics

/// Real-time input while a call is open closes the connection on any family, as it always does on
/// 2.5. Catalogue 4.5.
struct InputDuringCall: Fault {
    static let name = "input-during-call"
    static let summary = "closes 1008 on real-time input while a blocking call is open"
    static let occasions: Occasions = .setup
    static let topic = Topic.tools

    init(_ options: inout FaultOptions) throws(Complaint) {}

    mutating func strike(_ setup: inout SetupReply) {
        setup.quirks.diesOfInputDuringCall = true
    }
}
