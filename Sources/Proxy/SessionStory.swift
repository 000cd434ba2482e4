import Basics
import Policies
import Sessions
import Usage
import Wire

/// A session in a few numbers: the content of its log line.
struct SessionStory {
    /// Payload bytes of messages from a peer.
    var bytesFromClient = 0
    var bytesFromGemini = 0
    private var turns = ByTurnOutcome(repeating: 0)
    private var turnsBegun = 0
    private var rules: [Rule: Int] = [:]
    private var stalls = 0
    private var nudges = 0
    private var reconnects: [Fact.Means: Int] = [:]
    private var failedReconnects = 0
    private var replays = 0
    private var toolCalls = 0
    private var connections = 0
    private var firstAudio: (sum: Interval, count: Int64, longest: Interval) = (.zero, 0, .zero)
    private var clientClose: (close: Close, author: Fact.Author)?
    private var geminiClose: (close: Close, author: Fact.Author)?
    private var failure: String?
    private var tokens: Int64 = 0
    /// In millionths of a dollar.
    private var cost: Int64 = 0
    /// The newest turn of which a sound was heard.
    private var heardTurn = 0

    mutating func note(_ fact: Fact) {
        switch fact {
        case .turnStarted: turnsBegun += 1
        case .turnEnded(_, let outcome): turns[outcome] += 1
        case .firstAudio(let turn, let delay):
            // What is heard after a tool's result is not the turn's first sound.
            guard turn != heardTurn else { break }
            heardTurn = turn
            firstAudio.sum = firstAudio.sum + delay
            firstAudio.count += 1
            firstAudio.longest = max(firstAudio.longest, delay)
        case .ruleApplied(let rule, .enforce, _): rules[rule, default: 0] += 1
        case .connected, .reconnected: noteConnection(fact)
        case .dialFailed(_, let why): failure = FactDescription.describe(why)
        case .stalled: stalls += 1
        case .nudged: nudges += 1
        case .reconnectFailed: failedReconnects += 1
        case .replayed: replays += 1
        case .toolCalled: toolCalls += 1
        case .closed(.client, let close, let author): clientClose = (close, author)
        case .closed(.gemini, let close, let author): geminiClose = (close, author)
        default: break
        }
    }

    private mutating func noteConnection(_ fact: Fact) {
        if case .reconnected(_, _, let means, _) = fact { reconnects[means, default: 0] += 1 }
        if case .connected = fact { connections += 1 }
    }

    /// Adds to a turn's usage.
    mutating func used(_ tokens: Int64, cost: Int64) {
        self.tokens += tokens
        self.cost += cost
    }

    /// The fields of the session's log line, in reading order, without inapplicable ones.
    func fields() -> [(String, Log.Value)] {
        var fields: [(String, Log.Value)] = [("turns", .integer(turnsBegun))]
        for outcome in TurnOutcome.allCases {
            let count = turns[outcome]
            if count > 0 { fields.append((outcome.rawValue, .integer(count))) }
        }
        if firstAudio.count > 0 {
            let mean = firstAudio.sum.seconds / Double(firstAudio.count)
            fields.append(("first_audio", .seconds(mean)))
            fields.append(("first_audio_longest", .seconds(firstAudio.longest.seconds)))
        }
        fields += remedies
        let applied = Rule.allCases.compactMap { rule in
            rules[rule].map { "\(rule.rawValue):\($0)" }
        }
        if !applied.isEmpty { fields.append(("rules", .string(applied.joined(separator: ",")))) }
        fields.append(("tokens", .integer(Int(tokens))))
        fields.append(("cost_usd", .dollars(cost)))
        fields.append(("client_bytes", .integer(bytesFromClient)))
        fields.append(("gemini_bytes", .integer(bytesFromGemini)))
        return fields + endings
    }

    private var remedies: [(String, Log.Value)] {
        let counts =
            [
                ("stalls", stalls), ("nudges", nudges), ("replays", replays),
                ("reconnects_failed", failedReconnects), ("tool_calls", toolCalls),
            ] + Fact.Means.allCases.map { ($0.rawValue, reconnects[$0] ?? 0) }
            + [("connections", connections > 1 ? connections : 0)]
        return counts.filter { $0.1 > 0 }.map { ($0.0, .integer($0.1)) }
    }

    private var endings: [(String, Log.Value)] {
        var fields: [(String, Log.Value)] = []
        for (name, end) in [("client", clientClose), ("gemini", geminiClose)] {
            guard let (close, author) = end else { continue }
            fields.append(("\(name)_close", .integer(Int(close.code))))
            fields.append(("\(name)_closed_by", .string(author.rawValue)))
            if !close.reason.isEmpty { fields.append(("\(name)_reason", .string(close.reason))) }
        }
        if let failure { fields.append(("failure", .string(failure))) }
        return fields
    }
}
