import Basics
import Policies
public import Sessions
import Wire

extension Action {
    /// A few words that are equal for equal actions: what replays compare.
    public var words: String {
        switch self {
        case .forward: "forward"
        case .send(let peer, let bytes, let opcode):
            "send \(peer) \(bytes.count)\(opcode == .binary ? " binary" : "")"
        case .dial(let connection): "dial \(connection)"
        case .use(let connection): "use \(connection)"
        case .drop(let connection): "drop \(connection)"
        case .accept: "accept"
        case .refuse(let refusal): "refuse \(refusal.status)"
        case .ping(let peer): "ping \(peer)"
        case .pause(let peer): "pause \(peer)"
        case .resume(let peer): "resume \(peer)"
        case .limit: "limit"
        case .choose(let model): "choose \(model)"
        case .close(let peer, let close): "close \(peer) \(close.words)"
        case .recall: "recall"
        case .offer(_, _, let parks): parks ? "offer parks" : "offer"
        case .keep: "keep"
        case .retire(_, let memory): memory == nil ? "retire" : "retire remembered"
        case .note(let fact): "note \(fact.words)"
        }
    }

    /// It affects gemini, or the client in another way than forwarding.
    var isDeed: Bool {
        switch self {
        case .note, .ping, .forward, .recall, .offer, .keep, .retire: false
        case .send, .dial, .use, .drop, .accept, .refuse, .pause, .resume, .limit, .choose, .close:
            true
        }
    }
}

extension Fact {
    /// Likewise; durations are in milliseconds.
    public var words: String {
        switch self {
        case .dialing(let connection): "dialing \(connection)"
        case .connected(let connection, let isWarm):
            "connected \(connection)\(isWarm ? " (warm)" : "")"
        case .dialFailed(let connection, _): "dial_failed \(connection)"
        case .reconnected(let connection, let trouble, let means, let time):
            "reconnected \(connection) \(trouble.label) \(means.rawValue) \(time.milliseconds)"
        case .setUp(let model, let vad): "set_up \(model) \(vad.rawValue)"
        case .modelRefused(let model): "model_refused \(model)"
        case .pinned(let from, let to): "pinned \(from) \(to)"
        case .fellBack(let from, let to): "fell_back \(from) \(to)"
        case .setupCompleted(let connection): "setup_completed \(connection)"
        case .ruleApplied(let rule, let mode, let detail):
            "rule_applied \(rule.rawValue) \(mode.rawValue)\(detail.words)"
        case .activityStarted(let author): "activity_started \(author.rawValue)"
        case .activityEnded(let author, let audio):
            "activity_ended \(author.rawValue) \(audio.milliseconds)"
        case .turnStarted(let turn, let input): "turn_started \(turn) \(input.rawValue)"
        case .firstAudio(let turn, let time): "first_audio \(turn) \(time.milliseconds)"
        case .firstText(let turn, let time): "first_text \(turn) \(time.milliseconds)"
        case .outputPaused(let turn, let time): "output_paused \(turn) \(time.milliseconds)"
        case .turnEnded(let turn, let outcome): "turn_ended \(turn) \(outcome.rawValue)"
        case .inputDropped(let audio): "input_dropped \(audio.milliseconds)"
        case .silenceSkipped(let audio): "silence_skipped \(audio.milliseconds)"
        case .picturesReplaced(let count): "pictures_replaced \(count)"
        case .malformed(let peer, let malformed): "malformed \(peer) \(malformed.offset)"
        case .transcribed(let peer, let range): "transcribed \(peer) \(range.count)"
        case .wrote: "wrote"
        case .typed(let words): "typed \(words.utf8.count)"
        case .toolCalled(let range, _, _): "tool_called \(range.count)"
        case .toolAnswered(let range, _): "tool_answered \(range.count)"
        case .toolCancelled(let range, _): "tool_cancelled \(range.count)"
        case .used(let range): "used \(range.count)"
        case .goAwayReceived(let left): "go_away \(left.milliseconds)"
        case .handleReceived(let isResumable): "handle \(isResumable)"
        case .pinged(let peer, let time): "pinged \(peer) \(time.milliseconds)"
        case .limitReached(let limit): "limit_reached \(limit.rawValue)"
        case .stalled, .nudged, .nudgeEnded, .troubled, .retrying, .reconnectFailed, .replayed,
            .contextRestored, .contextLost, .inputHeld, .recovered, .gaveUp, .replyCut,
            .byproductKept,
            .madeUp, .callRemembered, .toolResultsDropped, .toolNoted:
            remedyWords
        case .parked(let patience): "parked \(patience.milliseconds)"
        case .unparked(let time, let messages, let missing):
            "unparked \(time.milliseconds) \(messages) \(missing.milliseconds)"
        case .clientResumed(let means): "client_resumed \(means.rawValue)"
        case .clientMoved: "client_moved"
        case .handleRefused(let isForeign): "handle_refused \(isForeign)"
        case .closed(let peer, let close, let author):
            "closed \(peer) \(close.words) by \(author.rawValue)"
        case .ended(let outcome): "ended \(outcome.rawValue)"
        }
    }

    private var remedyWords: String {
        switch self {
        case .stalled(let stall, let turn): "stalled \(turn) \(stall.rawValue)"
        case .nudged(let turn, let stall): "nudged \(turn) \(stall.rawValue)"
        case .nudgeEnded(let result): "nudge_ended \(result.rawValue)"
        case .troubled(let trouble, let close):
            "troubled \(trouble.label)\(close.map { " \($0.words)" } ?? "")"
        case .retrying(let attempt, let delay): "retrying \(attempt) \(delay.milliseconds)"
        case .reconnectFailed(let trouble): "reconnect_failed \(trouble.label)"
        case .replayed(let messages, let audio, let missing):
            "replayed \(messages) \(audio.milliseconds) \(missing.milliseconds)"
        case .contextRestored(let count): "seeded \(count)"
        case .contextLost: "context_lost"
        case .inputHeld(let count): "input_held \(count)"
        case .recovered(let trouble, let time): "recovered \(trouble.label) \(time.milliseconds)"
        case .gaveUp(let trouble, let why): "gave_up \(trouble.label) \(why)"
        case .replyCut(let form): "reply_cut \(form.rawValue)"
        case .byproductKept(let what): "byproduct \(what.rawValue)"
        case .madeUp(let what): "made_up \(what.rawValue)"
        case .callRemembered(let count): "call_remembered \(count)"
        case .toolResultsDropped(let count): "result_dropped \(count)"
        case .toolNoted(let what, let count): "tool_noted \(what.rawValue) \(count)"
        default: ""
        }
    }

    /// The same without durations, which differ with every change: policies are compared by these.
    /// Nil for facts that only report a peer's action.
    var deed: String? {
        switch self {
        case .dialing, .connected, .dialFailed, .setUp, .setupCompleted, .activityStarted,
            .turnStarted, .firstAudio, .firstText, .outputPaused, .malformed, .transcribed,
            .wrote, .typed, .toolCalled,
            .toolAnswered,
            .toolCancelled, .used, .goAwayReceived, .handleReceived, .pinged, .clientMoved:
            nil
        case .activityEnded(let author, _):
            author == .turnkeeper ? "activity_ended turnkeeper" : nil
        case .ruleApplied(let rule, let mode, _): "rule_applied \(rule.rawValue) \(mode.rawValue)"
        case .reconnected(_, let trouble, let means, _):
            "reconnected \(trouble.label) \(means.rawValue)"
        case .inputDropped: "input_dropped"
        case .silenceSkipped: "silence_skipped"
        case .picturesReplaced: "pictures_replaced"
        case .unparked: "unparked"
        case .retrying(let attempt, _): "retrying \(attempt)"
        case .recovered(let trouble, _): "recovered \(trouble.label)"
        case .replayed: "replayed"
        case .inputHeld: "input_held"
        case .closed(let peer, let close, let author):
            "closed \(peer) \(close.code) by \(author.rawValue)"
        case .pinned, .fellBack, .turnEnded, .limitReached, .stalled, .nudged, .nudgeEnded,
            .troubled,
            .reconnectFailed, .contextRestored, .contextLost, .gaveUp, .replyCut, .byproductKept,
            .madeUp,
            .callRemembered, .toolResultsDropped, .toolNoted, .parked, .clientResumed,
            .handleRefused, .modelRefused, .ended:
            words
        }
    }
}

extension Fact.Detail {
    fileprivate var words: String {
        switch self {
        case .none: ""
        case .audio(let audio): " \(audio.milliseconds)"
        case .field(let path): " \(path)"
        case .messages(let count): " \(count)"
        case .late: " late"
        }
    }
}

extension Close {
    fileprivate var words: String { reason.isEmpty ? "\(code)" : "\(code) \(reason)" }
}
