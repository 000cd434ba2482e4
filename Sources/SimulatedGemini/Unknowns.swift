import Basics

/// Unknown behaviour of the real service: each question, with its possible answers. A supervisor
/// must work with all of them, so simulations choose among them at random.
public struct Unknowns: Equatable, Sendable {
    /// The effect of an input without words.
    public enum Nudge: String, CaseIterable, Sendable {
        /// A model that owes an answer begins it; a working one ignores it.
        case wakes
        /// In addition, a working one starts over.
        case restarts
        /// In addition, a working one answers again when it is done.
        case adds
        case ignored
    }

    /// The effect of content on a family that does not accept it.
    public enum Content: String, CaseIterable, Sendable { case closes, ignored, taken }

    /// What a resumed model does with a call that was open when its handle was issued.
    public enum OpenCall: String, CaseIterable, Sendable {
        case forgotten
        case waitedFor = "waited_for"
        case madeAgain = "made_again"
    }

    public var nudge = Nudge.wakes
    /// Calls that new input cancels are followed by `interrupted` and the turn's end.
    public var cancellationInterrupts = true
    /// The model obeys a request to continue a cut answer; otherwise it is a new question.
    public var obeysGoOn = false
    /// 3.1, after the seed.
    public var lateContent = Content.closes
    public var openCall = OpenCall.forgotten
    /// A seed that ends with the user's words is answered at once, not with the next input.
    public var answersSeeds = false

    public init() {}

    /// Whether the words ask a model to continue.
    static func asksToGoOn(_ words: String) -> Bool {
        let heard = words.lowercased()
        return heard.mentions("go on exactly") || heard.mentions("continue exactly")
            || heard.mentions("please continue") || heard.mentions("please go on")
    }
}

extension Unknowns {
    init(_ tree: Tree) throws(Complaint) {
        var options = try FaultOptions(tree)
        if let node = options.remove("nudge") { nudge = try Unknowns.choice(node) }
        cancellationInterrupts = try options.flag(
            "cancellation_interrupts", default: cancellationInterrupts)
        obeysGoOn = try options.flag("obeys_go_on", default: obeysGoOn)
        if let node = options.remove("late_content") { lateContent = try Unknowns.choice(node) }
        if let node = options.remove("open_call") { openCall = try Unknowns.choice(node) }
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
