import Basics
import Metrics
import Policies
import Sessions
import Wire

/// One session's series in its worker's shard, looked up once its model is known; counting a
/// message is then a few additions.
struct Meter: BitwiseCopyable {
    private let clientBytes: Pair
    private let geminiBytes: Pair
    private let clientAudio: SeriesID
    private let geminiAudio: SeriesID
    private let clientKinds: Kinds
    private let geminiKinds: Kinds
    private let forward: SeriesID
    private let buffered: SeriesID

    init(tenant: String, model: String, _ shard: inout Shard) {
        func series(_ metric: Metric, _ labels: String...) -> SeriesID {
            shard.series(metric, [tenant, model] + labels)
        }
        clientBytes = Pair(
            received: series(.bytes, "client", "received"), sent: series(.bytes, "client", "sent"))
        geminiBytes = Pair(
            received: series(.bytes, "gemini", "received"), sent: series(.bytes, "gemini", "sent"))
        clientAudio = series(.audio, "client")
        geminiAudio = series(.audio, "gemini")
        clientKinds = Kinds { series(.messages, "client", $0) }
        geminiKinds = Kinds { series(.messages, "gemini", $0) }
        forward = series(.forward)
        buffered = series(.buffered)
    }

    // MARK: Messages

    @inline(__always)
    func count(_ message: ClientMessage, bytes: Int, _ shard: inout Shard) {
        shard.add(Double(bytes), to: clientBytes.received)
        shard.increment(clientKinds.series(of: message))
        if message.audioBytes > 0 { shard.add(message.audioDuration.seconds, to: clientAudio) }
    }

    @inline(__always)
    func count(_ message: ServerMessage, bytes: Int, _ shard: inout Shard) {
        shard.add(Double(bytes), to: geminiBytes.received)
        shard.increment(geminiKinds.series(of: message))
        if message.audioBytes > 0 { shard.add(message.audioDuration.seconds, to: geminiAudio) }
    }

    @inline(__always)
    func countSent(_ peer: Peer, bytes: Int, _ shard: inout Shard) {
        shard.add(Double(bytes), to: peer == .client ? clientBytes.sent : geminiBytes.sent)
    }

    /// - Parameter more: How many more bytes wait than before; negative if fewer do.
    @inline(__always)
    func countHeld(_ more: Int, _ shard: inout Shard) { shard.add(Double(more), to: buffered) }

    /// The duration of one read, from the kernel's notice to the last send.
    func countPassage(_ time: Interval, _ shard: inout Shard) {
        shard.observe(time.seconds, in: forward)
    }

    private struct Pair: BitwiseCopyable {
        var received: SeriesID
        var sent: SeriesID
    }

    /// One series for each kind of message, in the order in which kinds are checked.
    private struct Kinds: BitwiseCopyable {
        private let setup: SeriesID
        private let audio: SeriesID
        private let activity: SeriesID
        private let realtime: SeriesID
        private let content: SeriesID
        private let tool: SeriesID
        private let other: SeriesID

        init(_ series: (String) -> SeriesID) {
            setup = series("setup")
            audio = series("audio")
            activity = series("activity")
            realtime = series("realtime")
            content = series("content")
            tool = series("tool")
            other = series("other")
        }

        @inline(__always)
        func series(of message: ClientMessage) -> SeriesID {
            if message.members == .realtimeInput {
                if message.input.contains(.audio) { return audio }
                return message.input.isDisjoint(with: [.activityStart, .activityEnd])
                    ? realtime : activity
            }
            if message.members.contains(.clientContent) { return content }
            if message.members.contains(.toolResponse) { return tool }
            return message.members.contains(.setup) ? setup : other
        }

        @inline(__always)
        func series(of message: ServerMessage) -> SeriesID {
            if message.content.contains(.audio) { return audio }
            if message.members.contains(.serverContent) { return content }
            if !message.members.isDisjoint(with: [.toolCall, .toolCallCancellation]) {
                return tool
            }
            return message.members.contains(.setupComplete) ? setup : other
        }
    }
}

/// Counts facts, most of which are rare enough to look up their series each time.
struct FactMeter {
    private let tenant: String
    private let model: String
    /// Series needed in every turn are looked up once.
    private var firstAudio: SeriesID?
    /// The newest turn of which a sound was heard.
    private var heardTurn = 0
    private var turns = ByTurnOutcome<SeriesID?>(repeating: nil)

    init(tenant: String, model: String) {
        self.tenant = tenant
        self.model = model
    }

    mutating func count(_ fact: Fact, _ shard: inout Shard) {
        func add(_ metric: Metric, _ labels: String..., count: Int = 1) {
            shard.add(Double(count), to: shard.series(metric, [tenant, model] + labels))
        }
        switch fact {
        case .ruleApplied(let rule, let mode, _): add(.rules, rule.rawValue, mode.rawValue)
        case .firstAudio(let turn, let delay):
            // What is heard after a tool's result is not the turn's first sound.
            guard turn != heardTurn else { break }
            heardTurn = turn
            let known = firstAudio ?? shard.series(.firstAudio, [tenant, model])
            firstAudio = known
            shard.observe(delay.seconds, in: known)
        case .turnEnded(_, let outcome):
            let known = turns[outcome] ?? shard.series(.turns, [tenant, model, outcome.rawValue])
            turns[outcome] = known
            shard.increment(known)
        case .pinged(.gemini, let roundTrip):
            shard.observe(roundTrip.seconds, in: shard.series(.geminiRoundTrip, [tenant, model]))
        case .closed(.client, let close, let author):
            add(.clientCloses, Labels.closeCode(close.code), author.rawValue)
        case .closed(.gemini, let close, .gemini):
            add(.geminiCloses, Labels.closeCode(close.code), CloseCause(close).rawValue)
        case .closed(.gemini, _, _): break
        case .toolCalled(_, let count, _): add(.toolCalls, "called", count: count)
        case .toolAnswered(_, let count): add(.toolCalls, "answered", count: count)
        case .toolCancelled(_, let count): add(.toolCalls, "cancelled", count: count)
        case .limitReached(let limit): add(.limits, limit.rawValue)
        case .ended(let outcome): add(.sessions, outcome.rawValue)
        case .stalled(let stall, _): add(.stalls, stall.rawValue)
        case .nudged: add(.nudges, "sent")
        case .nudgeEnded(let result): add(.nudges, result.rawValue)
        case .reconnected(_, let trouble, let means, _):
            add(.reconnects, trouble.label, means.rawValue)
        case .reconnectFailed(let trouble): add(.reconnects, trouble.label, "failed")
        case .gaveUp(let trouble, _): add(.reconnects, trouble.label, "gave_up")
        case .recovered(_, let delay):
            shard.observe(delay.seconds, in: shard.series(.recovery, [tenant, model]))
        case .callRemembered(let count): add(.toolCalls, "remembered", count: count)
        case .toolResultsDropped(let count): add(.toolCalls, "dropped", count: count)
        case .toolNoted(let what, let count): add(.toolCalls, what.rawValue, count: count)
        case .dialing, .connected, .dialFailed, .setUp, .pinned, .fellBack, .setupCompleted,
            .activityStarted,
            .activityEnded, .turnStarted, .firstText, .outputPaused, .inputDropped, .silenceSkipped,
            .picturesReplaced, .malformed,
            .transcribed, .wrote, .typed, .used,
            .goAwayReceived, .handleReceived, .pinged(.client, _), .troubled, .retrying,
            .replayed, .contextRestored, .contextLost, .inputHeld, .replyCut, .byproductKept,
            .madeUp,
            .parked, .unparked, .clientResumed, .clientMoved, .handleRefused,
            .modelRefused:
            break
        }
    }

    func countActive(_ change: Double, _ shard: inout Shard) {
        shard.add(change, to: shard.series(.sessionsActive, [tenant, model]))
    }
}
