import Basics

/// A resumed model makes its open call once more, under a new id. Catalogue 8.4.
struct CallAgain: Fault {
    static let name = "call-again"
    static let summary = "a resumed model repeats its open call under another id"
    static let occasions: Occasions = .reply
    static let topic = Topic.handles

    init(_ options: inout FaultOptions) throws(Complaint) {}

    func concerns(_ reply: Reply) -> Bool { reply.hasCall && reply.wantsHandles }
    static func suits(_ family: Family) -> Bool { family.blocksByDefault }

    mutating func strike(_ reply: inout Reply) { reply.addHandleDuringCall(remakes: true) }
}
