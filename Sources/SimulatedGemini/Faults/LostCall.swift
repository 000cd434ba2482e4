import Basics

/// A handle is issued while a tool is working. A model resumed with it still waits for the old call
/// and does not accept the next input as its result, until an error answers the call.
struct LostCall: Fault {
    static let name = "lost-call"
    static let summary = "a resumed model waits for a call that was lost with the old connection"
    static let occasions: Occasions = .reply
    static let topic = Topic.handles

    init(_ options: inout FaultOptions) throws(Complaint) {}

    func concerns(_ reply: Reply) -> Bool { reply.hasCall && reply.wantsHandles }
    static func suits(_ family: Family) -> Bool { family.blocksByDefault }

    mutating func strike(_ reply: inout Reply) { reply.addHandleDuringCall() }
}

extension Reply {
    /// A handle that remembers the call as open.
    mutating func addHandleDuringCall(remakes: Bool = false) {
        guard let call = drafts.first(where: { !$0.draft.calls.isEmpty })?.after else { return }
        var update = Draft.handleUpdate
        update.remakesCalls = remakes
        add(update, after: call + .milliseconds(100), isSpeech: false)
    }
}
