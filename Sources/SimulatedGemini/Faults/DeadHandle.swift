import Basics
import Wire

/// A handle that is refused whenever it is used. Catalogue 5.12.
struct DeadHandle: Fault {
    static let name = "dead-handle"
    static let summary = "gives out handles that are refused on resume"
    static let occasions: Occasions = .handle
    static let topic = Topic.handles

    private let reason: String

    init(_ options: inout FaultOptions) throws(Complaint) {
        reason = try options.text("reason", default: "")
    }

    /// The ways of saying it.
    static let refusals = [
        Close.sessionNotFound, Close(1008, "Requested entity was not found."),
        Close(1007, "Invalid session handle"), .invalidArgument, .internalError,
    ]

    mutating func strike(_ issue: inout Issue) {
        let drawn = Self.refusals.randomElement(using: &issue.random)
        issue.ticket.refusal =
            Self.refusals.first { $0.reason == reason } ?? drawn ?? .sessionNotFound
    }
}
