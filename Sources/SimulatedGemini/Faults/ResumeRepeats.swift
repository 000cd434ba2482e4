import Basics

/// After a resume the model says its last answer once more, unasked. Catalogue 5.10.
struct ResumeRepeats: Fault {
    static let name = "resume-repeats"
    static let summary = "repeats its last answer after a resume"
    static let occasions: Occasions = .timeline
    static let topic = Topic.context

    private let after: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        after = try options.interval("after", default: .milliseconds(300))
    }

    mutating func strike(_ timeline: inout Timeline) {
        guard timeline.isResumed, !timeline.lastReply.isEmpty else { return }
        timeline.speak(timeline.lastReply, from: after)
    }
}
