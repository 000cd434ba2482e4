import Basics

/// Stops in the middle of an answer: nothing is sent, pings stay unread, then it all goes on.
struct Freeze: Fault {
    static let name = "freeze"
    static let summary = "goes dead in the middle of an answer, pongs included, then goes on"
    static let occasions: Occasions = .reply

    private let length: Interval
    private let isDeaf: Bool

    init(_ options: inout FaultOptions) throws(Complaint) {
        length = try options.interval("for", default: .seconds(60))
        isDeaf = try options.flag("deaf", default: true)
    }

    mutating func strike(_ reply: inout Reply) {
        reply.add(.freeze(length, deaf: isDeaf), after: reply.firstOutput ?? .zero)
    }
}
