import Basics

/// Takes its time over the setup, or never answers it.
struct SlowSetup: Fault {
    static let name = "slow-setup"
    static let summary = "answers the setup late, or never"
    static let occasions: Occasions = .setup

    private let delay: Interval
    private let isNever: Bool

    init(_ options: inout FaultOptions) throws(Complaint) {
        delay = try options.interval("delay", default: .seconds(4))
        isNever = try options.flag("never", default: false)
    }

    mutating func strike(_ setup: inout SetupReply) {
        setup.delay = setup.delay + delay
        if isNever { setup.answer = nil }
    }
}
