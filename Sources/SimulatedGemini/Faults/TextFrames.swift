import Basics

/// Messages come as TEXT frames, where the service is known for BINARY. Catalogue 3.5.
struct TextFrames: Fault {
    static let name = "text-frames"
    static let summary = "sends its messages as TEXT frames"
    static let occasions: Occasions = .setup

    init(_ options: inout FaultOptions) throws(Complaint) {}

    mutating func strike(_ setup: inout SetupReply) { setup.quirks.sendsText = true }
}
