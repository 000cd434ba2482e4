import Basics

/// Its reasoning comes as plain text among the sounds. Catalogue 7.5.
struct ThoughtLeak: Fault {
    static let name = "thought-leak"
    static let summary = "sends its reasoning as text parts of a spoken answer"
    static let occasions: Occasions = .reply

    init(_ options: inout FaultOptions) throws(Complaint) {}

    func concerns(_ reply: Reply) -> Bool { reply.hasSound }

    mutating func strike(_ reply: inout Reply) {
        guard let start = reply.firstOutput else { return }
        var leak = Draft()
        leak.text = "**Considering the answer**\n\nThe user wants something. I shall be brief."
        reply.add(leak, after: start - .milliseconds(1))
    }
}
