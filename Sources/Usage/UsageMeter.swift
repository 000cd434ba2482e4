import Basics
public import Policies
public import Wire

/// The tokens and the money of one turn.
public struct TurnUsage: Equatable, Sendable {
    /// The turn's number; 0 for what no turn asked for.
    public var turn: Int
    /// What gemini said.
    public var reported = Tokens()
    /// What it left out, worked out from lengths at the profile's tokens per second.
    public var estimated = Tokens()
    /// The sum of `totalTokenCount`, which some models count without thoughts; -1 where there was
    /// none.
    public var statedTotal: Int64 = -1
    /// Reports this was read from.
    public var reports = 0
    /// Millionths of a US dollar.
    public var cost: Int64 = 0
    /// The part of `cost` that nudges, resumes and replays ran up.
    public var remedyCost: Int64 = 0
    /// When the prices were read, `YYYY-MM-DD`.
    public var priceDate = ""

    public init(turn: Int) { self.turn = turn }

    /// Everything, whoever said it.
    public var tokens: Tokens { reported + estimated }
}

/// Counts what one session uses, turn by turn.
///
/// Tell it of every message, of turns and of connections as they happen; ask it when a turn ends.
/// The service runs its own generations, which need not be our turns: a nudged turn has two, a
/// report may come after its turn. Each generation is one bill of one turn, and a turn is the sum
/// of its bills; so the session's total is what gemini reported, however turns were cut.
public struct UsageMeter: Sendable {
    private var tariff: Tariff
    private var tokensPerSecondIn: Double
    private var tokensPerSecondOut: Double

    /// The generation under way, or the last one, for which reports may still come.
    private var bill = Bill()
    private var evidence = Evidence()
    /// Whose bill it is; nil: a turn's yet to start.
    private var owner: Int?
    private var isRemedy = false
    private var audioOut = Interval.zero
    private var textOut: Int64 = 0
    private var hasOutput = false
    /// `interrupted` or `turnComplete` came: the next output is another generation's.
    private var isEnding = false
    private var isComplete = false

    private var openTurn: Int?
    private var lastTurn = 0
    /// Bills of `owner` that are settled.
    private var settled = Account()
    /// What went in before the generation began, and what went in since.
    private var promptInput = Input()
    private var nextInput = Input()
    private var nextIsRemedy = false

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
    }

    /// Text has about four bytes a token.
    private static let textBytesPerToken: Int64 = 4

    public init(_ profile: Profile) {
        tariff = Tariff(profile.prices)
        tokensPerSecondIn = profile.tokensPerSecondIn
        tokensPerSecondOut = profile.tokensPerSecondOut
    }

    /// Another model has taken over: what is settled from here on has its prices.
    public mutating func adopt(_ profile: Profile) {
        tariff = Tariff(profile.prices)
        tokensPerSecondIn = profile.tokensPerSecondIn
        tokensPerSecondOut = profile.tokensPerSecondOut
    }

    // MARK: Messages

    /// A message on its way to gemini.
    public mutating func sent(_ message: ClientMessage) {
        if message.audioBytes > 0 { nextInput.audio = nextInput.audio + message.audioDuration }
        if message.input.contains(.video) { evidence.hasImages = true }
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
            if isEnding { settle() }
            if !hasOutput { begin() }
            audioOut = audioOut + message.audioDuration
            textOut = textOut.plus(Int64(max(0, message.outputText.count)))
        }
        if content.contains(.interrupted) { isEnding = true }
        if content.contains(.turnComplete) {
            // A second end without output between is a generation of its own, and an empty one.
            if isComplete { settle() }
            if !hasOutput { takeInput() }
            isEnding = true
            isComplete = true
        }
    }

    /// What a message reported.
    /// - Returns: the turn it belongs to, counted anew, where that turn has already ended.
    public mutating func used(_ report: Usage) -> TurnUsage? {
        if owner == nil { owner = openTurn ?? (isEnding || !hasOutput ? lastTurn : nil) }
        bill.fold(report)
        guard let owner, owner != openTurn else { return nil }
        return usage(of: owner)
    }

    /// What the open turn has used by what is reported of it so far; nil where none is open, or what
    /// was reported is another's. May yet become less: what a report means is only known at the end.
    public var running: TurnUsage? {
        guard let owner, owner == openTurn, !bill.isEmpty || settled.reports > 0 else { return nil }
        return usage(of: owner)
    }

    // MARK: Turns and connections

    public mutating func turnStarted(_ number: Int) {
        openTurn = number
        lastTurn = number
        let isUnclaimed = owner == nil || (!hasOutput && bill.isEmpty)
        if isUnclaimed { claim(number) }
    }

    /// What the turn used, as far as it is known now.
    public mutating func turnEnded(_ number: Int) -> TurnUsage {
        openTurn = nil
        if owner == nil { claim(number) }
        guard owner == number else {
            // The bill at hand is an earlier turn's, and this one has none yet.
            var usage = TurnUsage(turn: number)
            usage.priceDate = tariff.date
            return usage
        }
        return usage(of: number)
    }

    /// What the turn under way has used, as far as gemini has told; nil between turns.
    public func soFar() -> TurnUsage? { openTurn.flatMap { $0 == owner ? usage(of: $0) : nil } }

    /// What comes next for this turn is a nudge's, a replay's or a resumption's doing.
    public mutating func remedied() { nextIsRemedy = true }

    /// Another connection to gemini: what ran on the old one has ended.
    public mutating func connected() {
        if hasOutput || !bill.isEmpty { settle() }
    }

    /// What was used outside of any turn, as turn 0; nil where there was nothing.
    public mutating func ended() -> TurnUsage? {
        guard owner == nil, openTurn == nil else { return nil }
        let usage = usage(of: 0)
        return usage.reports > 0 || usage.tokens.total > 0 ? usage : nil
    }

    // MARK: Bills

    private mutating func claim(_ number: Int) {
        // What belongs to nobody yet comes along.
        if let owner, owner != number { settled = Account() }
        owner = number
    }

    private mutating func begin() {
        hasOutput = true
        takeInput()
        isRemedy = isRemedy || nextIsRemedy
        nextIsRemedy = false
        if owner == nil, let openTurn { claim(openTurn) }
    }

    /// What has gone in by now is in this generation's prompt; what follows is in the next one's.
    private mutating func takeInput() {
        promptInput.audio = promptInput.audio + nextInput.audio
        promptInput.textBytes = promptInput.textBytes.plus(nextInput.textBytes)
        nextInput = Input()
    }

    /// Closes the bill at hand and opens the next one.
    private mutating func settle() {
        let (sum, last) = reckoned()
        if let last { remember(last) }
        let next = openTurn
        settled = next == owner || owner == nil ? sum : Account()
        owner = next
        bill = Bill()
        audioOut = .zero
        textOut = 0
        // What nobody billed is still in the context.
        if last != nil { promptInput = Input() }
        hasOutput = false
        isEnding = false
        isComplete = false
        isRemedy = nextIsRemedy
        nextIsRemedy = false
    }

    /// The context is billed again with the next turn, and this one's sound with it.
    private mutating func remember(_ bill: Attribution) {
        let all = bill.reported + bill.estimated
        evidence.contextAudio = all.prompt.audio.plus(all.response.audio)
        evidence.contextOther = all.prompt.sum.plus(all.response.sum) - evidence.contextAudio
    }

    /// What is settled of the owner's and the bill at hand; and the last attribution, nil where
    /// there was none. Asked for with every report, so it builds no lists.
    private func reckoned() -> (sum: Account, last: Attribution?) {
        var evidence = evidence
        evidence.audioOut = Self.tokens(audioOut, tokensPerSecondOut)
        evidence.textOut = textOut / Self.textBytesPerToken
        evidence.audioIn = Self.tokens(promptInput.audio, tokensPerSecondIn)
        evidence.textIn = promptInput.textBytes / Self.textBytesPerToken
        var sum = settled
        sum.reports += bill.count
        for closed in bill.closed { add(Attribution(closed, evidence), to: &sum) }
        var last = bill.newest(audioHeard: evidence.audioOut).map { Attribution($0, evidence) }
        if last == nil, hasOutput { last = Attribution(estimating: evidence) }
        if let last { add(last, to: &sum) }
        return (sum, last)
    }

    private func add(_ bill: Attribution, to sum: inout Account) {
        sum.reported = sum.reported + bill.reported
        sum.estimated = sum.estimated + bill.estimated
        if bill.statedTotal >= 0 {
            sum.statedTotal = max(0, sum.statedTotal).plus(bill.statedTotal)
        }
        let nano = tariff.cost(of: bill.reported + bill.estimated)
        sum.nano = sum.nano.plus(nano)
        if isRemedy { sum.remedyNano = sum.remedyNano.plus(nano) }
    }

    private func usage(of turn: Int) -> TurnUsage {
        let account = reckoned().sum
        var usage = TurnUsage(turn: turn)
        usage.reported = account.reported
        usage.estimated = account.estimated
        usage.statedTotal = account.statedTotal
        usage.reports = account.reports
        usage.cost = Tariff.micro(account.nano)
        usage.remedyCost = Tariff.micro(account.remedyNano)
        usage.priceDate = tariff.date
        return usage
    }

    private static func tokens(_ length: Interval, _ perSecond: Double) -> Int64 {
        Int64((min(max(length.seconds, 0), 1e6) * min(max(perSecond, 0), 1e4)).rounded())
    }
}
