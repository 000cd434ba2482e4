import Basics

/// Automatic detection fails after an unannounced pause in the stream: later speech is not heard.
/// `audioStreamEnd` prevents it. Catalogue 1.9.
struct StuckDetector: Fault {
    static let name = "stuck-detector"
    static let summary = "stops hearing after a pause without audioStreamEnd"
    static let occasions: Occasions = .setup
    static let topic = Topic.hearing

    private let pause: Interval
    private let deafAfter: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        pause = try options.interval("pause", default: .milliseconds(1500))
        deafAfter = try options.interval("deaf_after", default: .zero)
    }

    static func suits(_ family: Family) -> Bool { family.endsTurnOnStreamEnd }

    mutating func strike(_ setup: inout SetupReply) {
        setup.quirks.deafAfterPause = pause
        if deafAfter > .zero {
            setup.quirks.whenQuiet = (deafAfter, false, .freeze(.seconds(86_400), deaf: true))
        }
    }
}
