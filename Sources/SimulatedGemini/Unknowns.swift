import Basics

/// What nobody outside knows of the real service: each question, with the answers it may turn out
/// to have. A supervisor must be right whichever holds, so that runs draw among them.
public struct Unknowns: Equatable, Sendable {
    /// What an input without words does.
    public enum Nudge: String, CaseIterable, Sendable {
        /// A model that owes an answer begins it; one that is at work does not notice.
        case wakes
        /// And one that is at work starts over.
        case restarts
        /// And one that is at work answers once more when it is done.
        case adds
        case ignored
    }

    /// What content on a family that does not take it leads to.
    public enum Content: String, CaseIterable, Sendable { case closes, ignored, taken }

    /// What a resumed model makes of a call that was open when its handle was issued.
    public enum OpenCall: String, CaseIterable, Sendable {
        case forgotten
        case waitedFor = "waited_for"
        case madeAgain = "made_again"
    }

    public var nudge = Nudge.wakes
    /// Calls that new input cancels are followed by `interrupted` and the turn's end.
    public var cancellationInterrupts = true
    /// Asked to go on where it was cut off, it does; otherwise it takes that for a new question.
    public var obeysGoOn = false
    /// 3.1, after the seed.
    public var lateContent = Content.closes
    public var openCall = OpenCall.forgotten
    /// A seed that ends with the user's words is answered at once, not with the next input.
    public var answersSeeds = false

    public init() {}

    /// The words by which a model is asked to go on.
    static func asksToGoOn(_ words: String) -> Bool {
        let heard = words.lowercased()
        return heard.mentions("go on exactly") || heard.mentions("continue exactly")
            || heard.mentions("please continue") || heard.mentions("please go on")
    }
}

extension Unknowns {
    init(_ tree: Tree) throws(Complaint) {
        var options = try FaultOptions(tree)
        if let node = options.take("nudge") { nudge = try Unknowns.choice(node) }
        cancellationInterrupts = try options.flag(
            "cancellation_interrupts", default: cancellationInterrupts)
        obeysGoOn = try options.flag("obeys_go_on", default: obeysGoOn)
        if let node = options.take("late_content") { lateContent = try Unknowns.choice(node) }
        if let node = options.take("open_call") { openCall = try Unknowns.choice(node) }
        answersSeeds = try options.flag("answers_seeds", default: answersSeeds)
        try options.finish("unknowns")
    }

    private static func choice<Answer: RawRepresentable & CaseIterable>(
        _ node: Tree
    ) throws(Complaint) -> Answer where Answer.RawValue == String {
        guard let answer = Answer(rawValue: try ScenarioReader.text(node)) else {
            let known = Answer.allCases.map(\.rawValue).joined(separator: ", ")
            throw Complaint(node.place, "expected one of \(known)")
        }
        return answer
    }
}
