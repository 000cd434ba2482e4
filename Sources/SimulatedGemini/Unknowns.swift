public import Basics

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

    /// How a turn ends.
    public enum TurnEnd: String, CaseIterable, Sendable {
        /// Sound, `generationComplete`, `turnComplete`: each in a separate message.
        case apart
        /// All in the message with the last sound.
        case together
        /// The same, without `generationComplete`.
        case bare
    }

    /// When handles are issued.
    public enum Handles: String, CaseIterable, Sendable {
        case turns
        /// Once, after the setup.
        case start
        /// In addition to those around turns, as soon as a question has been received.
        case questions
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

    public var turnEnd = TurnEnd.apart
    /// `interrupted` and `turnComplete` come in one message.
    public var interruptsTogether = false
    /// New input before an answer's first sound interrupts it with `interrupted` and an end;
    /// otherwise with nothing.
    public var interruptsUnheard = true
    /// Sound and its words come in one message; `nil`: as in the family.
    public var bundlesWords: Bool?
    /// The transcript of the user's words comes later than usual by this: during the answer, or
    /// after it.
    public var lateWords = Interval.zero
    public var sendsInterimWords = false
    /// `usageMetadata` comes in a separate message, after the turn's end.
    public var separatesUsage = false
    public var handles = Handles.turns
    /// Handles have `lastConsumedClientMessageIndex`.
    public var countsMessages = false
    /// How often a message that means nothing to a turn precedes another.
    public var chatter = 0.0
    /// A turn calls its tool twice, in one message.
    public var callsInPairs = false
    /// The model speaks before it calls a tool.
    public var speaksBeforeCalls = false

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
        try readManner(&options)
        try options.finish("unknowns")
    }

    /// How the service formats and orders what it says.
    private mutating func readManner(_ options: inout FaultOptions) throws(Complaint) {
        if let node = options.remove("turn_end") { turnEnd = try Unknowns.choice(node) }
        interruptsTogether = try options.flag(
            "interrupts_together", default: interruptsTogether)
        interruptsUnheard = try options.flag("interrupts_unheard", default: interruptsUnheard)
        if let node = options.remove("bundles_words") {
            bundlesWords = try ScenarioReader.flag(node)
        }
        lateWords = try options.interval("late_words", default: lateWords)
        sendsInterimWords = try options.flag("interim_words", default: sendsInterimWords)
        separatesUsage = try options.flag("separates_usage", default: separatesUsage)
        if let node = options.remove("handles") { handles = try Unknowns.choice(node) }
        countsMessages = try options.flag("counts_messages", default: countsMessages)
        chatter = try options.number("chatter", default: chatter, in: 0...1)
        callsInPairs = try options.flag("calls_in_pairs", default: callsInPairs)
        speaksBeforeCalls = try options.flag("speaks_before_calls", default: speaksBeforeCalls)
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
