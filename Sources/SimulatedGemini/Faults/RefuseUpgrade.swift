import Basics

/// The upgrade is answered with an HTTP error: a rate limit, an outage, a token that is used up.
/// Catalogue 10.3, 11.3, 5.12.
struct RefuseUpgrade: Fault {
    static let name = "refuse-upgrade"
    static let summary = "answers the WebSocket upgrade with an HTTP error"
    static let occasions: Occasions = .opening
    static let topic = Topic.door

    private let status: Int

    init(_ options: inout FaultOptions) throws(Complaint) {
        status = try options.count("status", default: 429)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("status", ["429", "503", "500", "401"], &dice)
        options.draw("total", ["1", "2"], &dice)
        return options
    }

    mutating func strike(_ opening: inout Opening) {
        let (name, words) =
            switch status {
            case 401: ("UNAUTHENTICATED", "Request had invalid authentication credentials.")
            case 429: ("RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota).")
            case 503: ("UNAVAILABLE", "The service is currently unavailable.")
            default: ("INTERNAL", "Internal error encountered.")
            }
        opening.refusal = (
            status,
            #"{"error":{"code":\#(status),"message":"\#(words)","status":"\#(name)"}}"#
        )
    }
}
