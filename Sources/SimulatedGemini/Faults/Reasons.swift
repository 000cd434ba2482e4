import Basics
import Wire

extension Close {
    /// Close reasons known from the service, by code.
    static func reasons(_ code: UInt16) -> [String] {
        switch code {
        case 1008:
            [
                "Operation is not implemented, or supported, or enabled.",
                "The operation was aborted.", "Requested entity was not found.",
            ]
        case 1011:
            [
                "Internal error encountered.", "Internal error occurred.",
                "Failed to run inference", "Thread was cancelled",
                "Thread was cancelled when writing StartStep status to channel.; Failed to close the streaming context; status = CANCELLED:",
                "RPC::DEADLINE_EXCEEDED",
                "Deadline expired before operation could complete.",
                "The service is currently unavailable.",
            ]
        case 1007: ["Request contains an invalid argument."]
        default: [""]
        }
    }

    /// What it says when a quota is used up.
    static let quotaReasons = [
        "Resource has been exhausted (e.g. check quota).",
        "RESOURCE_EXHAUSTED",
        "You exceeded your current quota, please check your plan and billing details.",
        "Quota exceeded. Please retry later.",
    ]
}

/// How a fault ends a connection: `code` and `reason`; 1006 means no close frame. Without a reason
/// it draws a known one for the code.
struct Ending {
    private let code: UInt16
    private let reason: String

    init(_ options: inout FaultOptions, code: UInt16, reason: String = "") throws(Complaint) {
        let written = try options.number("code", default: code)
        self.code = written
        self.reason = try options.text("reason", default: written == code ? reason : "")
    }

    func deed(_ random: inout SeededRandom) -> Deed {
        guard code != 1006 else { return .abort }
        let words = reason.isEmpty ? Close.reasons(code).randomElement(using: &random) : reason
        return .close(.cut(code, words ?? ""))
    }
}

extension [FaultPlan.Option] {
    /// Picks one value for `key`, or leaves the key out.
    mutating func draw(_ key: String, _ values: [String], _ dice: inout SeededRandom) {
        guard let value = values.randomElement(using: &dice), !value.isEmpty else { return }
        append(FaultPlan.Option(key, value))
    }
}
