import Basics

/// Says the syntax of a call instead of making it. Catalogue 7.6.
struct SpeaksCode: Fault {
    static let name = "speaks-code"
    static let summary = "speaks the syntax of a tool call"
    static let occasions: Occasions = .mind

    init(_ options: inout FaultOptions) throws(Complaint) {}

    mutating func strike(_ mind: inout Mind) {
        mind.says("tool_code print(default_api.lookup(query='now'))", soundingLike: .answer)
    }
}
