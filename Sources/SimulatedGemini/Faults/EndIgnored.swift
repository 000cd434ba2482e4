import Basics

/// Takes the user's turn and never says anything about it, not even a transcript.
struct EndIgnored: Fault {
    static let name = "end-ignored"
    static let summary = "takes the end of the user's turn and never answers"
    static let occasions: Occasions = .reply

    private let keepsTranscript: Bool

    init(_ options: inout FaultOptions) throws(Complaint) {
        keepsTranscript = try options.flag("transcript", default: false)
    }

    mutating func strike(_ reply: inout Reply) {
        if keepsTranscript {
            reply.keepSpeech { _ in false }
        } else {
            reply.cut(from: .zero)
        }
    }
}
