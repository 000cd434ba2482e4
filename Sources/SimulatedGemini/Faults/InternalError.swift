import Basics
import Wire

/// Closes 1011 before anything is said: one turn in a hundred on a good day, nine in ten on a bad
/// one.
struct InternalError: Fault {
    static let name = "internal-error"
    static let summary = "closes 1011 after the user's turn, before any output"
    static let occasions: Occasions = .reply

    private let delay: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        delay = try options.interval("delay", default: .milliseconds(600))
    }

    mutating func strike(_ reply: inout Reply) {
        reply.keepSpeech { _ in false }
        reply.cut(from: delay)
        if reply.wantsHandles {
            var update = Draft()
            update.resumption = .notResumable
            reply.add(update, after: delay / 2, isSpeech: false)
        }
        reply.add(.close(.internalError), after: delay)
    }
}
