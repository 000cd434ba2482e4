import Basics

/// On 3.x a tool's result, or a history, does not make the model speak until real-time input comes;
/// a text of one space suffices. Catalogue 1.14.
struct ToolResultWaits: Fault {
    static let name = "tool-result-waits"
    static let summary = "continues after a tool's result only on real-time input (3.x)"
    static let occasions: Occasions = .reply
    static let topic = Topic.tools

    init(_ options: inout FaultOptions) throws(Complaint) {}

    static func suits(_ family: Family) -> Bool { family.isFlash3 }

    func concerns(_ reply: Reply) -> Bool {
        reply.input == .tool && reply.cause == .input && reply.family.isFlash3
    }

    mutating func strike(_ reply: inout Reply) { reply.cut(from: .zero) }
}
