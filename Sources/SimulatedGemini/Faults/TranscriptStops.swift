import Basics

/// Only the beginning of a long speech is transcribed, until an activity ends and another begins.
/// Visible if the scenario `dictates`. Catalogue 9.1.
struct TranscriptStops: Fault {
    static let name = "transcript-stops"
    static let summary = "transcribes only the first 30 s of continuous speech"
    static let occasions: Occasions = .setup
    static let topic = Topic.hearing

    private let after: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        after = try options.interval("after", default: .seconds(30))
    }

    static func suits(_ family: Family) -> Bool { family == .native25 }

    mutating func strike(_ setup: inout SetupReply) { setup.quirks.transcriptLimit = after }
}
