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
        case ready(ConnectionID, Instant)
        case used(ConnectionID)
        case closed(ConnectionID, Instant)
        case output(ConnectionID)
        case ended(ConnectionID)
        case interrupted(ConnectionID)
        case transcribed(ConnectionID, String)
        case handle(ConnectionID, String)
        /// Something was reported as lost; that settles everything before.
        case lost
    }

    private let isManual: Bool
    private let replays: Bool
    private let rebuilds: Bool
    private(set) var log: [Entry] = []
    private(set) var questions: [Question] = []
    private var isOpen = false
    private var isBurst = false
    private var lastVoice: Instant?
    private var link: ConnectionID = 0
    private var now = Instant(nanoseconds: 0)
    private static let patience = Interval.seconds(10)

    init(_ swarm: RunConfiguration) {
        isManual = swarm.isManual
        replays = swarm.policy.recovery.replay && swarm.policy.limits.buffer > 4096
        rebuilds = swarm.policy.recovery.rebuild
    }

    // MARK: The log

    mutating func check(_ step: Step) -> String? {
        now = step.at
        switch step.event {
        case .clientSent(let message, _): said(message, step)
        case .geminiSent(let message, _, let from): heard(message, step.payload, from)
        case .geminiClosed(let gone, _): log.append(.closed(gone, now))
        default: break
        }
        for fact in step.notes { told(fact) }
        for departure in step.departures {
            switch departure {
            case .use(let next):
                if link > 0 { log.append(.closed(link, now)) }
                link = next
                log.append(.used(next))
            case .toGemini(let bytes): sent(bytes)
            case .toClient: break
            }
        }
        return nil
    }

    private mutating func said(_ message: ClientMessage, _ step: Step) {
        guard let stamp = MessageTag.read(step.payload) else { return }
        log.append(.said(stamp))
        let voice = Self.voice(message, step.payload)
        if isManual {
            if message.input.contains(.activityStart), !isOpen {
                isOpen = true
                questions.append(Question(stamps: [stamp], words: ""))
            } else if isOpen, let last = questions.indices.last {
                questions[last].stamps.append(stamp)
            }
            if isOpen, let voice, let last = questions.indices.last {
                questions[last].words = "turn \(voice - 1000)"
            }
            if isOpen, message.input.contains(.activityEnd), let last = questions.indices.last {
                isOpen = false
                questions[last].isWhole = true
            }
        } else if let voice {
            let words = "turn \(voice - 1000)"
            if let last = questions.indices.last, questions[last].words == words {
                questions[last].stamps.append(stamp)
            } else {
                questions.append(Question(stamps: [stamp], words: words, isWhole: true))
            }
        }
        guard message.input.contains(.text), !isOpen else { return }
        let words = JSONText.unescape(step.payload.span, message.text)
        questions.append(Question(stamps: [stamp], words: words, isWhole: true))
    }

    /// The number in the samples of test audio; `nil` for silence and for leaks.
    private static func voice(_ message: ClientMessage, _ bytes: [UInt8]) -> Int? {
        guard message.input.contains(.audio) else { return nil }
        let peak = Int(Loudness.ofPCM16(base64: bytes.span, message.audio, limit: 48).peak)
        return (1001..<9000).contains(peak) ? peak : nil
    }

    private mutating func heard(_ message: ServerMessage, _ bytes: [UInt8], _ from: ConnectionID) {
        let content = message.content
        if message.members.contains(.setupComplete) { log.append(.ready(from, now)) }
        if content.contains(.inputTranscription) {
            log.append(.transcribed(from, JSONText.unescape(bytes.span, message.inputText)))
        }
        if !content.isDisjoint(with: .output) || message.members.contains(.toolCall) {
            log.append(.output(from))
        }
        if content.contains(.interrupted) { log.append(.interrupted(from)) }
        if content.contains(.turnComplete), !content.contains(.inProgress) {
            log.append(.ended(from))
        }
        if message.resumable, message.handle.count > 0 {
            log.append(.handle(from, JSONText.unescape(bytes.span, message.handle)))
        }
    }

    private mutating func told(_ fact: Fact) {
        switch fact {
        case .turnEnded(_, .lost), .contextLost, .inputDropped: log.append(.lost)
        case .replayed(_, _, let missing) where missing > .zero: log.append(.lost)
        default: break
        }
    }

    private mutating func sent(_ bytes: [UInt8]) {
        guard let message = try? ClientMessage.scan(bytes.span) else { return }
        if message.members.contains(.setup) {
            log.append(.opened(link, handle: Self.handle(in: bytes)))
        }
        let stamp = message.members.contains(.setup) ? nil : MessageTag.read(bytes)
        // Its words, in whatever form.
        let text = message.input.contains(.audio) ? "" : String(decoding: bytes, as: UTF8.self)
        log.append(.sent(link, stamp: stamp, text: text))
    }

    /// Read without the project's own setup reader.
    private static func handle(in bytes: [UInt8]) -> String {
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
        guard let ready = firstReady(link), let opened = openedAt(link) else { return nil }
        let life = end(of: link) - ready
        let isTold = log[start...].contains { if case .lost = $0 { true } else { false } }
        let known = knowledge(of: link)
        var hasMoved = false
        for question in questions.reversed() where question.isWhole || !isManual {
            guard let ask = question.stamps.last, let said = saidAt(ask), said < start else {
                // Asked of this connection, and answered there: by then the rest had to be told.
                if let ask = question.stamps.last, isSettled(question, ask, on: link) {
                    hasMoved = true
                }
                continue
            }
            let fate = fate(question, before: start)
            let again = question.stamps.filter { wasSent($0, on: link, after: opened) }
            if fate == .answered {
                if let first = again.first(where: { asks($0) }) {
                    return "\(question.words) was answered, and is said again (\(first))"
                }
                if hasMoved, rebuilds, !isTold, !question.words.isEmpty, !known.contains(ask),
                    isTranscribed(question), !isMentioned(question, on: link)
                {
                    return "\(question.words) was answered, is unknown here, and never told"
                }
            } else if fate == .open, replays, !isTold, life > Self.patience, isVoiced(question),
                !wasLost(after: said, before: start), again.isEmpty,
                !isMentioned(question, on: link)
            {
                return "\(question.words) was not answered, and is not said again"
            }
        }
        return nil
    }

    /// Messages whose answers the connection knows, by the stamp that asks.
    private func knowledge(of link: ConnectionID) -> Set<Int> {
        var handle = ""
        for case .opened(link, let own) in log where !own.isEmpty { handle = own }
        guard !handle.isEmpty else { return [] }
        for (index, entry) in log.enumerated() {
            guard case .handle(let issuer, handle) = entry else { continue }
            var known = knowledge(of: issuer)
            for question in questions {
                guard let ask = question.stamps.last else { continue }
                // Sent there at all: known, or not certainly unknown.
                let isThere = log[..<index].contains { line in
                    if case .sent(issuer, ask, _) = line { true } else { false }
                }
                if isThere || mentions(question, on: issuer, before: index) { known.insert(ask) }
            }
            return known
        }
        return []
    }

    private enum Fate { case open, answered, unclear }

    /// Answered: by a reply that ended whole, or that the user interrupted, on the connection that
    /// was asked last. A complete reply without words may be a legal silence.
    private func fate(_ question: Question, before end: Int) -> Fate {
        guard let ask = question.stamps.last else { return .unclear }
        var asked: ConnectionID?
        var hasOutput = false
        var fate = Fate.open
        for entry in log[..<end] {
            switch entry {
            case .sent(let link, ask, _):
                asked = link
                hasOutput = false
            case .sent(let link, nil, let text):
                if asked != link, !question.words.isEmpty, text.contains(question.words) {
                    asked = link
                    hasOutput = false
                }
            case .output(let link): if link == asked { hasOutput = true }
            case .ended(let link):
                guard link == asked else { continue }
                if hasOutput { return .answered }
                fate = .unclear
            case .interrupted(let link): if link == asked, hasOutput { return .answered }
            case .lost: fate = .unclear
            case .said, .sent, .opened, .ready, .used, .closed, .transcribed, .handle: break
            }
        }
        return fate
    }

    private func isSettled(_ question: Question, _ ask: Int, on link: ConnectionID) -> Bool {
        var isAsked = false
        for entry in log {
            switch entry {
            case .sent(link, ask, _): isAsked = true
            case .ended(link): if isAsked { return true }
            default: break
            }
        }
        return false
    }

    private func isTranscribed(_ question: Question) -> Bool {
        log.contains { entry in
            switch entry {
            case .transcribed(_, let words): words.contains(question.words)
            case .sent(_, let stamp?, let text):
                question.stamps.last == stamp && text.contains(question.words)
            default: false
            }
        }
    }

    private func isMentioned(_ question: Question, on link: ConnectionID) -> Bool {
        mentions(question, on: link, before: log.count)
    }

    private func mentions(_ question: Question, on link: ConnectionID, before end: Int) -> Bool {
        guard !question.words.isEmpty else { return false }
        return log[..<end].contains { entry in
            if case .sent(link, nil, let text) = entry {
                text.contains(question.words)
            } else {
                false
            }
        }
    }

    private func isVoiced(_ question: Question) -> Bool { !question.words.isEmpty }

    /// Audio and typed words; a late boundary asks nothing by itself.
    private func asks(_ stamp: Int) -> Bool {
        log.contains { entry in
            if case .sent(_, stamp, let text) = entry {
                text.isEmpty || text.contains("\"text\"")
            } else {
                false
            }
        }
    }

    private func wasSent(_ stamp: Int, on link: ConnectionID, after start: Int) -> Bool {
        log[start...].contains { entry in
            if case .sent(link, stamp, _) = entry { true } else { false }
        }
    }

    private func wasLost(after start: Int, before end: Int) -> Bool {
        log[start..<end].contains { if case .lost = $0 { true } else { false } }
    }

    private func saidAt(_ stamp: Int) -> Int? {
        log.firstIndex { if case .said(stamp) = $0 { true } else { false } }
    }

    private func openedAt(_ link: ConnectionID) -> Int? {
        log.firstIndex { if case .opened(link, _) = $0 { true } else { false } }
    }

    private func firstReady(_ link: ConnectionID) -> Instant? {
        for case .ready(link, let at) in log { return at }
        return nil
    }

    private func end(of link: ConnectionID) -> Instant {
        for case .closed(link, let at) in log { return at }
        return now
    }
}
