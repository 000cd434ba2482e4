public import Basics
import Ledger
import Policies
public import Sessions
import Wire

/// A fact as an entry of a timeline: a fixed word for machines, a sentence for people.
public struct TimelineEntry: Sendable {
    /// The time since the session began.
    public var at: Interval
    /// The fact's kind or the rule's id, one of a fixed set of words.
    public var what: String
    /// The lane it belongs to.
    public var lane: Lane
    public var text: String

    public enum Lane: String, Sendable { case client, gemini, turnkeeper }
}

/// Describes facts in words. Only this type does, so that log, timeline and demo agree.
public enum FactDescription {
    /// `payload` is the message that the fact's ranges refer to; nil for facts without an entry.
    public static func describe(
        _ fact: Fact, payload: Span<UInt8>, transcripts: Bool
    ) -> (what: String, lane: TimelineEntry.Lane, text: String)? {
        if case .ruleApplied(let rule, let mode, let detail) = fact {
            return (rule.rawValue, .turnkeeper, describe(rule, mode, detail))
        }
        guard let (word, lane, text) = entry(fact, payload, transcripts) else { return nil }
        return (word.rawValue, lane, text)
    }

    private static func entry(
        _ fact: Fact, _ payload: Span<UInt8>, _ transcripts: Bool
    ) -> (what: TimelineWord, lane: TimelineEntry.Lane, text: String)? {
        switch fact {
        case .dialing(let link): (.dialing, .turnkeeper, "dialing gemini (connection \(link))")
        case .connected(let link, let isWarm): (.connected, .gemini, opened(link, isWarm))
        case .dialFailed(_, let failure): (.dialFailed, .gemini, describe(failure))
        case .setUp(let model, let vad):
            (.setUp, .client, "setup for \(model), \(vad.rawValue) voice activity detection")
        case .pinned(let asked, let model):
            (.pinned, .turnkeeper, "\(model) in place of \(asked), by models.pin")
        case .fellBack(let failing, let model):
            (.fellBack, .turnkeeper, "\(model) in place of \(failing), which fails")
        case .setupCompleted: (.setupCompleted, .gemini, "setup complete")
        case .activityStarted(let author):
            (.activityStarted, lane(author), "activity starts\(by(author))")
        case .activityEnded(let author, let audio):
            (
                .activityEnded, lane(author),
                "activity ends\(by(author)), \(describe(audio)) of audio"
            )
        case .turnStarted(let number, let input):
            (.turnStarted, .client, "turn \(number) asked by \(input.rawValue)")
        case .firstAudio(let number, let delay):
            (.firstAudio, .gemini, "turn \(number): first sound after \(describe(delay))")
        case .firstText(let number, let delay):
            (.firstText, .gemini, "turn \(number): first word after \(describe(delay))")
        case .turnEnded(let number, let outcome):
            (.turnEnded, .gemini, "turn \(number) \(outcome.rawValue)")
        case .inputDropped(let audio):
            (.inputDropped, .turnkeeper, "\(describe(audio)) of audio dropped, no room or refused")
        case .silenceSkipped(let audio):
            (.silenceSkipped, .turnkeeper, "\(describe(audio)) of silence in held pauses skipped")
        case .picturesReplaced(let pictures):
            (
                .picturesReplaced, .turnkeeper,
                "\(count(pictures, "held picture")) dropped, for newer ones or for room"
            )
        case .malformed(let peer, let malformed):
            (.malformed, peer == .client ? .client : .gemini, "not JSON: \(malformed)")
        case .transcribed(let peer, let range):
            transcript(peer, range, payload, shown: transcripts)
        case .wrote: answer(payload, shown: transcripts)
        case .toolCalled(_, let count, _): (.toolCalled, .gemini, "calls \(tools(count))")
        case .toolAnswered(_, let count): (.toolAnswered, .client, "answers \(calls(count))")
        case .toolCancelled(_, let count): (.toolCancelled, .gemini, "cancels \(calls(count))")
        // Handled above; a question has its own entry in the ledger, in whatever message it came.
        case .ruleApplied, .used, .typed: nil
        case .goAwayReceived(let left):
            (.goAway, .gemini, "goAway, \(describe(left)) left")
        case .handleReceived: nil
        // For the model's clocks.
        case .outputPaused: nil
        case .pinged: nil
        // The session's close names the model.
        case .modelRefused: nil
        case .limitReached(let limit):
            (.limitReached, .turnkeeper, describe(limit))
        case .stalled, .nudged, .nudgeEnded, .troubled, .retrying, .reconnected, .reconnectFailed,
            .replayed, .contextRestored, .contextLost, .inputHeld, .recovered, .gaveUp, .replyCut,
            .byproductKept, .madeUp, .callRemembered, .toolResultsDropped, .toolNoted:
            describe(remedy: fact)
        case .parked, .unparked, .clientResumed, .clientMoved, .handleRefused:
            describe(return: fact)
        case .closed(let peer, let close, let author):
            (
                .closed, lane(author),
                "\(peer) closed\(by(author)): \(close.code) \(Credentials.redacted(close.reason))"
            )
        case .ended(let outcome): (.ended, .turnkeeper, "session \(outcome.rawValue)")
        }
    }

    private static func opened(_ link: ConnectionID, _ isWarm: Bool) -> String {
        "connection \(link) \(isWarm ? "was open already" : "is open")"
    }

    /// Trouble with gemini, and the remedies.
    private static func describe(
        remedy fact: Fact
    ) -> (what: TimelineWord, lane: TimelineEntry.Lane, text: String)? {
        switch fact {
        case .stalled(let stall, let turn):
            (stall.word, .gemini, "turn \(turn) stalls: \(stall.rawValue)")
        case .nudged(let turn, let stall):
            (.nudged, .turnkeeper, "turn \(turn) nudged (\(stall.rawValue))")
        case .nudgeEnded(let result): (.nudgeEnded, .gemini, "nudge \(result.rawValue)")
        case .troubled(let trouble, _):
            (.reconnecting, .turnkeeper, "needs a new connection: \(trouble.label)")
        case .retrying(let attempt, let delay):
            (.retrying, .turnkeeper, "attempt \(attempt) in \(describe(delay))")
        case .reconnected(let link, let trouble, let means, let time):
            (
                means == .rebuilt ? .rebuilt : .reconnected, .turnkeeper,
                "\(means.rawValue) as connection \(link) after \(describe(time)) (\(trouble.label))"
            )
        case .reconnectFailed(let trouble):
            (.reconnectFailed, .gemini, "reconnect failed (\(trouble.label))")
        case .replayed(let messages, let audio, let missing):
            (
                .replayed, .turnkeeper,
                "\(count(messages, "message")) replayed, \(describe(audio)) of audio"
                    + (missing > .zero ? ", \(describe(missing)) did not fit" : "")
            )
        case .contextRestored(let turns):
            (.contextRestored, .turnkeeper, "restored the conversation, \(count(turns, "turn"))")
        case .contextLost(let speech):
            (
                .contextLost, .gemini,
                speech > .zero
                    ? "the model has forgotten \(describe(speech)) of speech without a transcript"
                    : "the model has forgotten the conversation"
            )
        case .inputHeld(let messages):
            (
                .inputHeld, .turnkeeper,
                "\(count(messages, "message")) waited for the new connection"
            )
        case .recovered(let trouble, let time):
            (.recovered, .gemini, "answers again after \(describe(time)) (\(trouble.label))")
        case .gaveUp(let trouble, let why):
            (.gaveUp, .turnkeeper, "gave up (\(trouble.label)): \(Credentials.redacted(why))")
        case .replyCut(let form):
            (.replyCut, .turnkeeper, "a reply was cut off: \(form.rawValue)")
        case .byproductKept(let what):
            (.byproduct, .turnkeeper, "hidden from the client: \(what.rawValue)")
        case .madeUp(let what):
            (.madeUp, .turnkeeper, "sent in gemini's place: \(what.rawValue)")
        case .callRemembered(let calls):
            (
                .callRemembered, .turnkeeper,
                "\(count(calls, "repeated call")), not run again"
            )
        case .toolResultsDropped(let results):
            (
                .resultDropped, .turnkeeper,
                "\(count(results, "result")) for dead calls dropped"
            )
        case .toolNoted(let what, let count):
            (.toolNoted, .turnkeeper, describe(what, count))
        default: nil
        }
    }

    private static func tools(_ count: Int) -> String { count > 1 ? "\(count) tools" : "a tool" }

    private static func calls(_ count: Int) -> String {
        count > 1 ? "\(count) tool calls" : "a tool call"
    }

    private static func describe(_ what: Fact.ToolNote, _ count: Int) -> String {
        switch what {
        case .renamed:
            "\(count) calls shown under another id: the client knows an older call by theirs"
        case .notKept:
            "\(count) calls in flight beyond those that are remembered"
        case .refused:
            "gemini closed right behind \(count) tool results: not sent again unchanged"
        }
    }

    /// A client that vanished, or returned.
    private static func describe(
        return fact: Fact
    ) -> (what: TimelineWord, lane: TimelineEntry.Lane, text: String)? {
        switch fact {
        case .parked(let patience):
            (.parked, .turnkeeper, "the client vanished; waiting \(describe(patience)) for it")
        case .unparked(let time, let messages, let missing):
            (
                .unparked, .client,
                "the client is back after \(describe(time)), \(count(messages, "message")) kept for it"
                    + (missing > .zero ? ", \(describe(missing)) of audio did not fit" : "")
            )
        case .clientResumed(let means):
            (.clientResumed, .client, "continues an earlier session, \(means.rawValue)")
        case .clientMoved: (.clientMoved, .client, "continued in its earlier session")
        case .handleRefused(let isForeign):
            (
                .handleRefused, .client,
                isForeign
                    ? "presented another tenant's handle" : "presented an unknown handle"
            )
        default: nil
        }
    }

    static func describe(_ failure: DialFailure) -> String {
        switch failure {
        case .refused(let status, _, _, _): "gemini refused the upgrade with HTTP \(status)"
        case .unreachable(let why): "gemini is unreachable: \(why)"
        case .timedOut(let why): "gemini does not answer: \(why)"
        }
    }

    private static func describe(_ rule: Rule, _ mode: Mode, _ detail: Fact.Detail) -> String {
        let what =
            switch detail {
            case .none: ""
            case .audio(let audio): " (\(describe(audio)) of audio)"
            case .field(let path): " (\(path))"
            case .messages(let count): " (\(count) held)"
            case .late: " (its late end was accepted)"
            }
        return mode == .observe ? "would apply \(rule.rawValue)\(what)" : rule.deed + what
    }

    private static func transcript(
        _ peer: Peer, _ range: ByteRange, _ payload: Span<UInt8>, shown: Bool
    ) -> (what: TimelineWord, lane: TimelineEntry.Lane, text: String) {
        let text = shown ? JSONText.unescape(payload, range, limit: 2000) : "(not kept)"
        return peer == .client
            ? (.heard, .client, "heard: \(text)")
            : (.said, .gemini, "says: \(text)")
    }

    /// An answer in text.
    private static func answer(
        _ payload: Span<UInt8>, shown: Bool
    ) -> (what: TimelineWord, lane: TimelineEntry.Lane, text: String) {
        var text = shown ? "" : "(not kept)"
        if shown {
            for range in ServerMessage.texts(in: payload) {
                text += JSONText.unescape(payload, range, limit: 2000 - text.utf8.count)
            }
        }
        return (.said, .gemini, "says: \(text)")
    }

    private static func count(_ number: some BinaryInteger, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// Some are no limits.
    private static func describe(_ limit: Limit) -> String {
        switch limit {
        case .sessionUSD, .dayUSD, .sessionTokens, .endUserMinutes, .endUserUSD, .tokenUses:
            "\(limit.rawValue) is used up"
        case .sessions, .message, .messagesPerSecond, .session, .buffer, .memory:
            "\(limit.rawValue) is reached"
        case .model: "the model is not in \(limit.rawValue)"
        case .endUser: "no end user is named (\(limit.rawValue))"
        case .tokenExpiry, .tokenStart: "the client token has expired (\(limit.rawValue))"
        case .tokenLock: "the client token does not permit this change (\(limit.rawValue))"
        case .tokenRecord: "the token's use cannot be written down now (\(limit.rawValue))"
        case .setup: "no setup arrived in time (\(limit.rawValue))"
        case .waiting: "closed without a setup, to make room (\(limit.rawValue))"
        case .ending: "an operator has ended the session"
        }
    }

    private static func describe(_ interval: Interval) -> String {
        interval < .seconds(10)
            ? "\(interval.milliseconds) ms" : "\(Double(interval.milliseconds / 100) / 10) s"
    }

    private static func lane(_ author: Fact.Author) -> TimelineEntry.Lane {
        switch author {
        case .client: .client
        case .gemini: .gemini
        case .turnkeeper: .turnkeeper
        }
    }

    private static func by(_ author: Fact.Author) -> String {
        author == .turnkeeper ? " by turnkeeper" : ""
    }
}

extension Stall {
    /// A turn that waits ends with its answer; these have ends of their own, or none.
    fileprivate var word: TimelineWord {
        switch self {
        case .setupUnanswered: .setupUnanswered
        case .forgotten: .forgotten
        case .silentRun: .silentRun
        case .noOutput, .transcribedOnly, .emptyTurn, .textOnly, .afterInterrupt, .firstReplyNever,
            .toolResultIgnored, .outputFroze, .inProgressStuck, .rejectedRun, .silentAudio,
            .wedged:
            .stalled
        }
    }
}

extension TimelineEntryForm {
    /// A rule's entries: named by its id, with the rule's own description.
    static let rules = Rule.allCases.filter { TimelineWord(rawValue: $0.rawValue) == nil }.map {
        let words = $0.rawValue.split(separator: "_").joined(separator: " ")
        return TimelineEntryForm(
            $0.rawValue, words.prefix(1).uppercased() + words.dropFirst(), .rule, .plain, .tick,
            "Turnkeeper \($0.deed).")
    }
}

extension Rule {
    /// What the rule did, in the past tense.
    fileprivate var deed: String {
        switch self {
        case .audioOutsideActivity: "dropped audio outside an activity"
        case .secondSetup: "refused a second setup"
        case .repeatedActivity: "dropped a repeated activity boundary"
        case .emptyActivity: "added 100 ms of silence to an empty activity"
        case .shortActivity: "held the end of an activity that was too short"
        case .streamEndInManual: "dropped audioStreamEnd, which manual detection does not accept"
        case .earlyInput: "held input until setupComplete"
        case .deadAir: "ended the activity of a dead microphone"
        case .noiseHold: "held an activity until voice was heard"
        case .streamEndOnPause: "told gemini that the microphone paused"
        case .flush: "swallowed or sent a transcription flush"
        case .setupFields: "removed a setup field that breaks the model"
        case .resumptionInserted: "requested resumption handles for the proxy"
        case .keepalive: "answered a keepalive"
        case .emptyTurn: "held an empty turn"
        case .phantomInterrupted: "hid a phantom interruption from the client"
        case .goAway: "hid goAway from the client"
        case .combinedInput: "split a combined input"
        case .toolGate: "held input until a tool call ended"
        case .contentAsText: "sent a text in the form the model accepts"
        case .transcriptionInserted: "requested a transcription for the proxy"
        case .handleReplaced: "gave the client our own handle"
        }
    }
}
