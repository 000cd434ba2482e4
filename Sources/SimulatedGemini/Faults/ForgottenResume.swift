import Basics

/// The resume is accepted, and the model behaves as new. Catalogue 5.7.
struct ForgottenResume: Fault {
    static let name = "forgotten-resume"
    static let summary = "accepts a resume and remembers nothing"
    static let occasions: Occasions = .setup
    static let topic = Topic.context

    private let greets: Bool

    init(_ options: inout FaultOptions) throws(Complaint) {
        greets = try options.flag("greets", default: false)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("greets", ["", "true"], &dice)
        options.draw("times", ["1", "2"], &dice)
        return options
    }

    func concerns(_ setup: SetupReply) -> Bool { setup.isResumed }

    mutating func strike(_ setup: inout SetupReply) {
        setup.forgets = true
        setup.greets = greets
    }
}
