import Basics
public import Policies
public import Wire

/// The tokens and the cost of one turn.
public struct TurnUsage: Equatable, Sendable {
    /// The turn's number; 0 for usage outside any turn.
    public var turn: Int
    /// What gemini reported.
    public var reported = Tokens()
    /// What gemini left out, estimated from lengths at the profile's tokens per second.
    public var estimated = Tokens()
    /// The sum of `totalTokenCount`, which excludes thoughts on some models; -1 if there was none.
    public var statedTotal: Int64 = -1
    /// The number of reports.
    public var reports = 0
    /// Millionths of a US dollar.
    public var cost: Int64 = 0
    /// The part of `cost` caused by nudges, resumes and replays.
    public var remedyCost: Int64 = 0
    /// When the prices were read, `YYYY-MM-DD`.
    public var priceDate = ""

    public init(turn: Int) { self.turn = turn }

    /// Reported and estimated together.
    public var tokens: Tokens { reported + estimated }
    /// Everything that is billed, reported and estimated together.
    public var total: Int64 { reported.total.plus(estimated.total) }
}

/// Counts what one session uses, turn by turn.
///
/// Pass it every message, turn and connection as it happens, and query it when a turn ends. The
/// service has its own generations, which need not match our turns: a nudged turn has two, and a
/// report may come after its turn. Each generation is one bill of one turn, and a turn is the sum
/// of its bills; so the session's total is what gemini reported, however turns were cut.
///
/// It answers into a place of the caller's, because a turn's usage is large.
public struct UsageMeter: Sendable {
    private var tariff: Tariff
    private var tokensPerSecondIn: Double
    private var tokensPerSecondOut: Double

    /// The current generation, or the last one, for which reports may still come.
    private var bill = Bill()
    private var evidence = Evidence()
    /// The turn it belongs to; nil for a turn that has not started yet.
    private var owner: Int?
    private var isRemedy = false
    private var audioOut = Interval.zero
    private var textOut: Int64 = 0
    private var hasOutput = false
    /// `interrupted` or `turnComplete` came: further output belongs to another generation.
    private var isEnding = false
    private var isComplete = false
    /// A tool was called: the result makes another generation.
    private var hasCalled = false
    /// The generation has ended, or has called a tool, and its report has arrived.
    private var isReported = false
    /// Since then gemini was sent something that begins another generation: a question, a result, a
    /// nudge. If this generation has its report, the next report belongs to that other one.
    private var isFollowed = false

    private var openTurn: Int?
    private var lastTurn = 0
    /// Settled bills of `owner`; without an owner, those that belong to no turn yet.
    private var settled = Account()
    /// The settled bills of the previous turn, in case another bill belongs to it: input that
    /// restores a conversation is answered between turns.
    private var before: (turn: Int, account: Account)?
    /// Input before the generation began, and input since then.
    private var promptInput = Input()
    private var nextInput = Input()
    private var nextIsRemedy = false
    /// The sum of the settled bills and the current one, and the resulting context, as last
    /// computed: the last bill of a turn is settled when the next turn begins, mostly unchanged.
    private var sum = Account()
    private var context: Context?
    private var isReckoned = false

    private struct Input {
        var audio = Interval.zero
        var textBytes: Int64 = 0
    }

    private struct Account {
        var reported = Tokens()
        var estimated = Tokens()
        var statedTotal: Int64 = -1
        var reports = 0
        var nano: Int64 = 0
        var remedyNano: Int64 = 0

        mutating func add(_ other: Account) {
            reported.add(other.reported)
            estimated.add(other.estimated)
            if other.statedTotal >= 0 {
                statedTotal = max(0, statedTotal).plus(other.statedTotal)
            }
            reports += other.reports
            nano = nano.plus(other.nano)
            remedyNano = remedyNano.plus(other.remedyNano)
        }
    }

    /// Text has about four bytes per token.
    private static let textBytesPerToken: Int64 = 4

    public init(_ profile: Profile) {
        tariff = Tariff(profile.prices)
        tokensPerSecondIn = profile.tokensPerSecondIn
        tokensPerSecondOut = profile.tokensPerSecondOut
    }

    /// Another model has taken over. What the previous one billed is settled at its own prices.
    public mutating func setProfile(_ profile: Profile) {
        connected()
        tariff = Tariff(profile.prices)
        tokensPerSecondIn = profile.tokensPerSecondIn
        tokensPerSecondOut = profile.tokensPerSecondOut
        isReckoned = false
    }

    // MARK: Messages

    /// A message on its way to gemini.
    public mutating func sent(_ message: ClientMessage) {
        if message.audioBytes > 0 { nextInput.audio = nextInput.audio + message.audioDuration }
        if message.input.contains(.video) {
            evidence.hasImages = true
            isReckoned = false
        }
        if hasCalled, message.members.contains(.toolResponse) { follow() }
    }

    /// Text on its way to gemini: instructions, content, tool results; in bytes.
    public mutating func sentText(bytes: Int) {
        nextInput.textBytes = nextInput.textBytes.plus(Int64(max(0, bytes)))
    }

    /// A message from gemini, before its usage and before what the session makes of it.
    public mutating func received(_ message: ServerMessage) {
        let content = message.content
        let speaks =
            !content.isDisjoint(with: .output) || content.contains(.outputTranscription)
            || message.members.contains(.toolCall)
        if speaks {
            if isEnding || isReported && isFollowed { settle() }
            // Without a report of its own, a call and what follows its result are one bill.
            if isFollowed { (isFollowed, hasCalled) = (false, false) }
            if message.members.contains(.toolCall) { hasCalled = true }
            isReckoned = false
            if !hasOutput { begin() }
            audioOut = audioOut + message.audioDuration
            textOut = textOut.plus(Int64(max(0, message.outputText.count)))
        }
        if content.contains(.interrupted) { isEnding = true }
        if content.contains(.turnComplete) {
            // A second end without output in between is a separate, empty generation.
            if isComplete { settle() }
            isReckoned = false
            if !hasOutput { takeInput() }
            isEnding = true
            isComplete = true
        }
    }

    /// A message's usage report.
    /// - Parameter usage: Set to the turn it belongs to, counted again, if that turn has already
    ///   ended.
    /// - Returns: Whether it has.
    public mutating func used(_ report: Usage, into usage: inout TurnUsage) -> Bool {
        // A turn that ends right after a tool's result, without output, may report its call once
        // more.
        let isSame = hasCalled && report.prompt == bill.prompt
        if isReported, isFollowed, !report.isVoid, !isSame { settle() }
        if owner == nil {
            if openTurn == nil, isEnding || !hasOutput {
                rejoin(lastTurn)
            } else {
                owner = openTurn
            }
        }
        bill.fold(report)
        noteReport()
        isReckoned = false
        guard let owner, owner != openTurn else { return false }
        count(owner, into: &usage)
        return true
    }

    // MARK: Turns and connections

    public mutating func turnStarted(_ number: Int) {
        openTurn = number
        lastTurn = number
        let isUnclaimed = owner == nil || (!hasOutput && bill.isEmpty)
        if isUnclaimed { claim(number) } else if owner != number { follow() }
    }

    /// What the turn used, as far as is known now.
    public mutating func turnEnded(_ number: Int, into usage: inout TurnUsage) {
        openTurn = nil
        if owner == nil { claim(number) }
        guard owner == number else {
            // The current bill belongs to an earlier turn, and this one has none yet.
            usage = TurnUsage(turn: number)
            usage.priceDate = tariff.date
            return
        }
        count(number, into: &usage)
    }

    /// What the current turn has used, as far as gemini has reported; false between turns. May
    /// decrease: the meaning of a report is only known at the end.
    ///
    /// Mutating, like the other queries, because a meter is large and would otherwise be copied.
    public mutating func soFar(into usage: inout TurnUsage) -> Bool {
        guard let openTurn, openTurn == owner else { return false }
        count(openTurn, into: &usage)
        return true
    }

    /// Further usage in this turn is caused by a nudge, a replay or a resumption.
    public mutating func remedied() {
        nextIsRemedy = true
        follow()
    }

    private mutating func follow() {
        isFollowed = true
        noteReport()
    }

    private mutating func noteReport() {
        if isComplete || hasCalled, !bill.isEmpty { isReported = true }
    }

    /// A new connection to gemini: the generation on the old one has ended.
    public mutating func connected() {
        if hasOutput || !bill.isEmpty { settle() }
    }

    /// What was used outside any turn, as turn 0; false if nothing was.
    public mutating func ended(into usage: inout TurnUsage) -> Bool {
        guard owner == nil, openTurn == nil else { return false }
        count(0, into: &usage)
        return usage.reports > 0 || usage.total > 0
    }

    // MARK: Bills

    private mutating func claim(_ number: Int) {
        // Unowned usage is included.
        if let owner, owner != number {
            settled = Account()
            isReckoned = false
        }
        owner = number
    }

    /// Another bill belongs to a turn that has already ended.
    private mutating func rejoin(_ number: Int) {
        owner = number
        guard let before, before.turn == number else { return }
        settled.add(before.account)
        isReckoned = false
        self.before = nil
    }

    private mutating func begin() {
        // The open bill was reported between turns, without any output.
        if let owner, let openTurn, owner != openTurn, !bill.isEmpty { settle() }
        hasOutput = true
        takeInput()
        isRemedy = isRemedy || nextIsRemedy
        nextIsRemedy = false
        if owner == nil, let openTurn { claim(openTurn) }
    }

    /// Input so far is in this generation's prompt; later input is in the next one's.
    private mutating func takeInput() {
        promptInput.audio = promptInput.audio + nextInput.audio
        promptInput.textBytes = promptInput.textBytes.plus(nextInput.textBytes)
        nextInput = Input()
    }

    /// Closes the current bill and opens the next one.
    private mutating func settle() {
        reckon()
        if let context {
            (evidence.contextAudio, evidence.contextOther) = (context.audio, context.other)
        }
        if let owner, owner != openTurn {
            before = (owner, sum)
            settled = Account()
        } else {
            settled = sum
        }
        owner = openTurn
        bill.clear()
        audioOut = .zero
        textOut = 0
        // Input that was not billed is still in the context.
        if context != nil { promptInput = Input() }
        hasOutput = false
        isEnding = false
        isComplete = false
        (hasCalled, isReported, isFollowed) = (false, false, false)
        isRemedy = nextIsRemedy
        nextIsRemedy = false
        isReckoned = false
    }

    /// The context, including this turn's audio, which the next turn is billed again.
    private struct Context {
        var audio: Int64
        var other: Int64
    }

    /// Adds the current bill to the settled ones. Called for every report, so it builds no lists.
    private mutating func reckon() {
        if isReckoned { return }
        isReckoned = true
        sum = settled
        context = nil
        evidence.audioOut = Self.tokens(audioOut, tokensPerSecondOut)
        evidence.textOut = textOut / Self.textBytesPerToken
        evidence.audioIn = Self.tokens(promptInput.audio, tokensPerSecondIn)
        evidence.textIn = promptInput.textBytes / Self.textBytesPerToken
        sum.reports += bill.count
        for closed in bill.closed { add(Attribution(closed, evidence)) }
        if let newest = bill.newest(audioHeard: evidence.audioOut) {
            add(Attribution(newest, evidence))
        } else if hasOutput {
            add(Attribution(estimating: evidence))
        } else {
            context = nil
        }
    }

    private mutating func add(_ bill: Attribution) {
        sum.reported.add(bill.reported)
        var nano = tariff.cost(of: bill.reported)
        // Gemini leaves nothing out of most reports.
        if bill.isEstimated {
            sum.estimated.add(bill.estimated)
            nano = nano.plus(tariff.cost(of: bill.estimated))
        }
        if bill.statedTotal >= 0 {
            sum.statedTotal = max(0, sum.statedTotal).plus(bill.statedTotal)
        }
        sum.nano = sum.nano.plus(nano)
        if isRemedy { sum.remedyNano = sum.remedyNano.plus(nano) }
        let audio = bill.reported.contextAudio.plus(bill.estimated.contextAudio)
        context = Context(
            audio: audio, other: bill.reported.context.plus(bill.estimated.context) - audio)
    }

    private mutating func count(_ turn: Int, into usage: inout TurnUsage) {
        reckon()
        usage.turn = turn
        usage.reported = sum.reported
        usage.estimated = sum.estimated
        usage.statedTotal = sum.statedTotal
        usage.reports = sum.reports
        usage.cost = Tariff.micro(sum.nano)
        usage.remedyCost = Tariff.micro(sum.remedyNano)
        usage.priceDate = tariff.date
    }

    private static func tokens(_ length: Interval, _ perSecond: Double) -> Int64 {
        Int64((min(max(length.seconds, 0), 1e6) * min(max(perSecond, 0), 1e4)).rounded())
    }
}
