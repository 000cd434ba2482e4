import Basics
import Policies
import Sessions
import Wire

/// I15, by a second, naive implementation of the journal. From the full log of what every
/// connection was sent and said, it determines what each new connection knew and what had been
/// answered, and compares that with what the session told it.
///
/// * What was asked and not answered is replayed, whole.
/// * What was answered is never asked again.
/// * What was answered and is unknown to the connection is told in words, if there are any.
struct JournalOracle: Invariant {
    static let name = "I15"

    /// One question of the user's.
    struct Question {
        let number: Int
        /// The client's messages it consists of, by stamp; the last one asks.
        var stamps: [Int]
        /// Its transcript, or its typed words; empty if that cannot be known.
        var words: String
        /// The end of it has been said.
        var isWhole = false
    }

    enum Entry {
        case said(Int)
        case sent(ConnectionID, stamp: Int?, text: String)
        case opened(ConnectionID, handle: String)
        case ready(ConnectionID)
        case used(ConnectionID)
        case closed(ConnectionID, Instant)
        case output(ConnectionID)
        /// A tool was called, and its result given.
        case called(ConnectionID)
        case result(ConnectionID)
        /// Nothing was missing of the reply but its end; whether what was shown may be an answer.
        case generated(ConnectionID, isMeant: Bool)
        /// Whether it says why, or ends what was shown and may be an answer.
        case ended(ConnectionID, isMeant: Bool)
        case interrupted(ConnectionID)
        case transcribed(ConnectionID, String)
        /// How many messages it says it covers; -1 if it does not say.
        case handle(ConnectionID, String, covers: Int64)
        case lost(Loss)
    }

    let isManual: Bool
    /// Nobody may interrupt: what is said next may be an older answer, however late.
    let isPatient: Bool
    private let replays: Bool
    private let rebuilds: Bool
    /// A turn that ends without output may have been answered so.
    let mayBeSilent: Bool
    private(set) var log: [Entry] = []
    /// Their times.
    private(set) var times: [Instant] = []
    /// Where a message was first sent, by stamp.
    private(set) var firstSent: [Int: Int] = [:]
    private(set) var questions: [Question] = []
    /// The number of the question that a message belongs to, by stamp; and that of the next one, if
    /// the message begins it.
    private var owners: [Int: Int] = [:]
    private var nextOwners: [Int: Int] = [:]
    /// What was typed, in an activity or outside.
    private(set) var typed: [String] = []
    /// Questions as content, by stamp.
    private(set) var contents: Set<Int> = []
    private var isOpen = false
    /// The client was shown something of this turn, if only something inaudible.
    private var hasMurmured = false
    /// And something that can be heard.
    private var hasSpoken = false
    /// The end of a turn that nobody could hear came from there, and waits.
    private var unshownEnd: ConnectionID?
    private var link: ConnectionID = 0
    private(set) var now = Instant(nanoseconds: 0)
    private static let patience = Interval.seconds(10)

    init(_ swarm: RunConfiguration) {
        isManual = swarm.isManual
        isPatient = swarm.noInterruption
        replays = swarm.policy.recovery.replay && swarm.policy.limits.buffer > 4096
        rebuilds = swarm.policy.recovery.rebuild
        let siblings =
            swarm.sibling.map { [$0] } ?? Profiles.builtIn.profile(for: swarm.model).fallback
        mayBeSilent = ([swarm.model] + siblings).contains {
            Profiles.builtIn.profile(for: $0).answersWithSilence
        }
    }

    // MARK: The log

    mutating func check(_ step: Step) -> String? {
        now = step.at
        showEnd(step)
        switch step.event {
        case .clientSent(let message, _): said(message, step)
        case .geminiSent(let message, _, let from):
            // What a connection says after it was left answers nothing: the next one is asked.
            if !step.notes.contains(.byproductKept(.late)) { heard(message, step, from) }
        case .geminiClosed(let gone, _): add(.closed(gone, now))
        default: break
        }
        for fact in step.notes {
            told(fact)
            if case .turnEnded(_, .answered) = fact { acceptEnd(step) }
        }
        for departure in step.departures {
            switch departure {
            case .use(let next):
                if link > 0 { add(.closed(link, now)) }
                link = next
                unshownEnd = nil
                add(.used(next))
            case .toGemini(let bytes): sent(bytes)
            case .toClient: break
            }
        }
        return nil
    }

    private mutating func add(_ entry: Entry) {
        log.append(entry)
        times.append(now)
    }

    private mutating func said(_ message: ClientMessage, _ step: Step) {
        guard let stamp = MessageTag.read(step.payload) else { return }
        add(.said(stamp))
        if message.members.contains(.clientContent), message.turnComplete { contents.insert(stamp) }
        let words = JSONText.unescape(step.payload.span, message.text)
        if message.input.contains(.text) { typed.append(words) }
        let voice = Self.voice(message, step.payload)
        if isManual {
            saidInActivity(message, stamp, voice)
        } else if let voice {
            let words = "turn \(voice - 1000)"
            if questions.last?.words != words { begin(words, isWhole: true) }
            belongs(stamp)
        }
        guard message.input.contains(.text), !isOpen else { return }
        begin(words, isWhole: true)
        belongs(stamp)
    }

    private mutating func saidInActivity(_ message: ClientMessage, _ stamp: Int, _ voice: Int?) {
        let begins = message.input.contains(.activityStart)
        let wasOpen = isOpen
        if begins, !isOpen {
            isOpen = true
            begin("")
        }
        guard isOpen, let last = questions.indices.last else { return }
        belongs(stamp)
        if let voice { questions[last].words = "turn \(voice - 1000)" }
        guard message.input.contains(.activityEnd) else { return }
        questions[last].isWhole = true
        isOpen = begins && wasOpen
        guard isOpen else { return }
        // It ends one activity and begins another.
        begin("")
        questions[last + 1].stamps = [stamp]
        nextOwners[stamp] = last + 1
    }

    private mutating func begin(_ words: String, isWhole: Bool = false) {
        questions.append(
            Question(number: questions.count, stamps: [], words: words, isWhole: isWhole))
    }

    /// The message is part of the newest question.
    private mutating func belongs(_ stamp: Int) {
        questions[questions.count - 1].stamps.append(stamp)
        owners[stamp] = questions.count - 1
    }

    /// The number of the question to which the message belongs, in the form in which it was sent.
    func owner(of stamp: Int, _ text: String) -> Int? {
        if let next = nextOwners[stamp], Self.begins(text), !Self.ends(text) { return next }
        return owners[stamp]
    }

    func isOfQuestion(_ stamp: Int) -> Bool { owners[stamp] != nil }

    /// The number in the samples of test audio; `nil` for silence and for leaks.
    private static func voice(_ message: ClientMessage, _ bytes: [UInt8]) -> Int? {
        guard message.input.contains(.audio) else { return nil }
        let peak = Int(Loudness.ofPCM16(base64: bytes.span, message.audio, limit: 48).peak)
        return (1001..<9000).contains(peak) ? peak : nil
    }

    private mutating func heard(_ message: ServerMessage, _ step: Step, _ from: ConnectionID) {
        let bytes = step.payload
        let content = message.content
        if message.members.contains(.setupComplete) { add(.ready(from)) }
        if content.contains(.inputTranscription) {
            add(.transcribed(from, JSONText.unescape(bytes.span, message.inputText)))
        }
        if message.members.contains(.toolCall) { add(.called(from)) }
        // Output that the client is not shown does not answer it.
        if shows(step, isAudible) {
            hasSpoken = true
            unshownEnd = nil
            add(.output(from))
        }
        if shows(step, Self.isMurmur) { hasMurmured = true }
        if content.contains(.generationComplete) {
            add(.generated(from, isMeant: hasMurmured && shows(step, Self.isWhole)))
        }
        if content.contains(.interrupted) { add(.interrupted(from)) }
        if content.contains(.turnComplete), !content.contains(.inProgress) {
            let isShown = shows(step, Self.isEnd)
            let isMeant = hasMurmured && isShown || !message.turnCompleteReason.isEmpty
            add(.ended(from, isMeant: isMeant))
            if hasMurmured, !hasSpoken, !isShown { unshownEnd = from }
            (hasMurmured, hasSpoken) = (false, false)
        }
        if message.resumable, message.handle.count > 0 {
            let handle = JSONText.unescape(bytes.span, message.handle)
            add(.handle(from, handle, covers: message.lastConsumed))
        }
    }

    /// An end that waited, because the user might not have ended the question, is shown after all.
    private mutating func showEnd(_ step: Step) {
        if unshownEnd != nil, shows(step, Self.isEnd) { acceptEnd(step) }
    }

    /// Or the turn was answered, and has its end with the rest of the question.
    private mutating func acceptEnd(_ step: Step) {
        if case .geminiSent(let message, _, _) = step.event, message.content.contains(.turnComplete)
        {
            return
        }
        guard let from = unshownEnd.take() else { return }
        add(.ended(from, isMeant: true))
    }

    private mutating func told(_ fact: Fact) {
        switch fact {
        case .turnEnded(_, .lost), .inputDropped: add(.lost(.question))
        case .replayed(_, _, let missing) where missing > .zero: add(.lost(.question))
        case .contextLost: add(.lost(.context))
        default: break
        }
    }

    private mutating func sent(_ bytes: [UInt8]) {
        guard let message = try? ClientMessage.scan(bytes.span) else { return }
        if message.members.contains(.setup) {
            add(.opened(link, handle: Self.handle(in: bytes)))
        }
        if message.members.contains(.toolResponse) { add(.result(link)) }
        let stamp = message.members.contains(.setup) ? nil : MessageTag.read(bytes)
        // Its words, in whatever form.
        let text = message.input.contains(.audio) ? "" : String(decoding: bytes, as: UTF8.self)
        if let stamp, firstSent[stamp] == nil { firstSent[stamp] = log.count }
        add(.sent(link, stamp: stamp, text: text))
    }

    /// Read without the project's own setup reader.
    static func handle(in bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let place = text.firstRange(of: "\"handle\"") else { return "" }
        let rest = text[place.upperBound...].drop { $0 != "\"" }.dropFirst()
        return String(rest.prefix { $0 != "\"" })
    }

    // MARK: The judgement

    mutating func finish() -> String? {
        for (index, entry) in log.enumerated() {
            guard case .used(let link) = entry, link > 1 else { continue }
            if let complaint = judge(link, from: index) {
                return "connection \(link): \(complaint)"
            }
        }
        return nil
    }

    private func judge(_ link: ConnectionID, from start: Int) -> String? {
        guard let ready = readyAt(link), let opened = openedAt(link) else { return nil }
        let life = end(of: link) - times[ready]
        let left = nextUsed(after: start)
        let known = knowledge(of: link)
        var hasMoved = false
        for question in questions.reversed() where question.isWhole || !isManual {
            guard let ask = ask(of: question) else { continue }
            guard let place = saidAt(ask), place < start else {
                // Asked of this connection, and answered there: by then the rest had to be told.
                if isSettled(question, ask, on: link) { hasMoved = true }
                continue
            }
            // What is said again is decided then: meanwhile the user may have asked something else.
            let fate = fate(question, before: ready)
            let said = question.stamps.filter { wasSent($0, on: link, after: opened) }
            if fate == .answered {
                if let first = said.first(where: { asks($0) && wasSent($0, before: start) }) {
                    return "\(question.words) was answered, and is said again (\(first))"
                }
                if hasMoved, rebuilds, !wasLost(.context, after: start, before: left),
                    !question.words.isEmpty, !known.contains(ask),
                    // It goes on here.
                    !said.contains(ask),
                    isTranscribed(question, before: min(start, nextVoice(after: ask))),
                    !isMentioned(question, on: link),
                    !isToldAsWritten(ask, on: link)
                {
                    return "\(question.words) was answered, is unknown here, and never told"
                }
            } else if fate == .open, replays, life > Self.patience,
                !isStillTold(on: link, what: start),
                !question.words.isEmpty,
                !wasLost(.question, after: place, before: left), said.isEmpty,
                self.fate(question, before: toldAt(link, ready)) == .open,
                !isMentioned(question, on: link), !remembersCall(for: ask, link),
                !isKnownAndAsked(question, ask, link)
            {
                return "\(question.words) was not answered, and is not said again"
            }
        }
        return nil
    }

    /// Messages whose answers the connection knows, by the stamp that asks.
    private func knowledge(of link: ConnectionID) -> Set<Int> {
        guard let (issuer, index) = origin(of: link) else { return [] }
        var known = knowledge(of: issuer)
        for question in questions {
            guard let ask = ask(of: question) else { continue }
            // It was said there: known, or not surely unknown. Without its end it may be part of what
            // the user went on to say.
            let last = lastSound(of: question) ?? ask
            let isThere = log[..<index].contains { line in
                if case .sent(issuer, let stamp?, _) = line {
                    stamp == ask || stamp == last
                } else {
                    false
                }
            }
            if isThere || mentions(question, on: issuer, before: index) { known.insert(ask) }
        }
        return known
    }

    /// The connection's memory has the call that the question led to, although the question was asked
    /// again where that memory was not.
    private func remembersCall(for ask: Int, _ link: ConnectionID) -> Bool {
        guard let (issuer, index) = origin(of: link) else { return false }
        var isAsked = false
        for entry in log[..<index] {
            switch entry {
            case .sent(issuer, ask, _): isAsked = true
            case .called(issuer): if isAsked { return true }
            default: break
            }
        }
        return remembersCall(for: ask, issuer)
    }

    /// The question's last message that was sent anywhere. The end of an activity that was already
    /// closed for silence is too late to be sent.
    func ask(of question: Question) -> Int? {
        question.stamps.last { stamp in
            log.contains { if case .sent(_, stamp, _) = $0 { true } else { false } }
        }
    }
}
