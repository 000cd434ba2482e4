import Basics
import Policies
import Sessions
import Wire

/// I5: gemini's messages reach the client in order, once, unaltered, except for rules that name
/// them, and by-products of remedies, which are counted.
struct RelayedAsItCame: Invariant {
    static let name = "I5"
    private var isOver = false
    /// The proxy requests transcripts that the client did not request.
    private var keepsWords = false
    /// The proxy requests handles that the client did not request.
    private var keepsHandles = false
    /// The transcripts that the client requested.
    private var asked: ServerMessage.Content = []
    /// Held ends of empty turns.
    private var held: [[UInt8]] = []

    mutating func check(_ step: Step) -> String? {
        var forwards = 0
        if let complaint = checkWords(step) { return complaint }
        var isNamed = keepEnd(step) || hasHandleOfOurs(step)
        if case .geminiSent(let message, _, _) = step.event, keepsWords,
            !message.content.isDisjoint(with: [.inputTranscription, .outputTranscription])
        {
            isNamed = true
        }
        for action in step.actions {
            switch action {
            case .forward: forwards += 1
            case .note(.ruleApplied(let rule, .enforce, _)):
                if Self.ruling.contains(rule) { isNamed = true }
                if rule == .transcriptionInserted { keepsWords = true }
                if rule == .resumptionInserted { keepsHandles = true }
            case .note(.byproductKept), .note(.callRemembered): isNamed = true
            case .note(.ended): isOver = true
            case .send(.client, let bytes, _):
                if Self.isRecounted(bytes, step) {
                    isNamed = true
                    continue
                }
                if let complaint = judge(made: bytes, step) { return complaint }
                if Self.cancels(bytes) { isNamed = true }
            case .send, .dial, .use, .drop, .accept, .ping, .refuse, .close, .note, .pause, .resume,
                .limit, .choose, .recall, .offer,
                .keep, .retire:
                break
            }
        }
        switch step.event {
        case .geminiSent, .geminiSentMalformed:
            if isOver { return nil }
            if forwards > 1 { return "relayed \(forwards) times" }
            // Messages of a connection that was left are ignored.
            return forwards == 0 && !isNamed && !step.actions.isEmpty
                ? "not relayed, and no rule says why" : nil
        case .clientSent, .clientSentMalformed:
            return nil
        case .opened, .dialed, .dialFailed, .geminiPonged, .clientPonged, .clientClosed,
            .geminiClosed, .clientViolated, .geminiViolated, .clientStuck,
            .clientBehind, .clientUnread, .wokeUp, .policyChanged, .limitReached, .drained, .chosen,
            .learned,
            .recalled,
            .clientReturned, .superseded, .movedAway, .memoryShort:
            return forwards > 0 ? "forwarded something without a message" : nil
        }
    }

    /// Transcripts that only the proxy requested are not shown to the client.
    private mutating func checkWords(_ step: Step) -> String? {
        if case .clientSent(let message, _) = step.event, message.members.contains(.setup),
            let setup = try? Setup.read(step.payload.span)
        {
            if setup.transcribesInput { asked.insert(.inputTranscription) }
            if setup.transcribesOutput { asked.insert(.outputTranscription) }
            if setup.hasSessionResumption { keepsHandles = false }
        }
        guard keepsWords else { return nil }
        let both: ServerMessage.Content = [.inputTranscription, .outputTranscription]
        for case .toClient(let bytes) in step.departures {
            let shown = (try? ServerMessage.scan(bytes.span))?.content.intersection(both) ?? []
            if !asked.isSuperset(of: shown) {
                return "a transcript that the client did not request is shown"
            }
        }
        return nil
    }

    /// A handle that only the proxy requested stays with it.
    private func hasHandleOfOurs(_ step: Step) -> Bool {
        guard keepsHandles, case .geminiSent(let message, _, _) = step.event else { return false }
        return message.members.contains(.sessionResumptionUpdate)
    }

    /// Until a turn is accepted as an answer, its end may be held, and is then passed on unchanged.
    private mutating func keepEnd(_ step: Step) -> Bool {
        guard case .geminiSent(let message, _, _) = step.event else { return false }
        let end = message.content.intersection([.generationComplete, .turnComplete])
        guard !end.isEmpty, let kept = ServerMessage.split(step.payload.span, end).named else {
            return false
        }
        held.append(kept)
        if held.count > 8 { held.removeFirst() }
        return true
    }

    /// A message to the client other than the current one.
    private mutating func judge(made bytes: [UInt8], _ step: Step) -> String? {
        if let index = held.firstIndex(of: bytes) {
            held.remove(at: index)
            return nil
        }
        if hasHandleOfOurs(step) { return nil }
        for case .note(let fact) in step.actions {
            switch fact {
            case .madeUp, .callRemembered, .byproductKept: return nil
            // The client knows the call by its first id.
            case .toolCancelled where Self.cancels(bytes): return nil
            // The beginning of a call that had to wait for its other pieces.
            case .toolCalled where !NamedCall.read(bytes).isEmpty: return nil
            case .ruleApplied(let rule, .enforce, _) where Self.ruling.contains(rule): return nil
            case .transcribed where keepsWords: return nil
            default: continue
            }
        }
        return "made a message for the client, and no fact says why"
    }

    /// A handle that counts the client's messages, not those gemini received.
    private static func isRecounted(_ bytes: [UInt8], _ step: Step) -> Bool {
        guard case .geminiSent(let message, _, _) = step.event, message.lastConsumed >= 0 else {
            return false
        }
        return withoutCount(bytes) == withoutCount(step.payload)
    }

    /// The message without the digits of `lastConsumedClientMessageIndex`.
    private static func withoutCount(_ bytes: [UInt8]) -> String {
        var text = String(decoding: bytes, as: UTF8.self)
        guard
            let name = text.firstRange(of: "lastConsumedClientMessageIndex")
                ?? text.firstRange(of: "last_consumed_client_message_index"),
            let first = text[name.upperBound...].firstIndex(where: \.isNumber)
        else { return text }
        let end = text[first...].firstIndex { !$0.isNumber } ?? text.endIndex
        text.removeSubrange(first..<end)
        return text
    }

    private static func cancels(_ bytes: [UInt8]) -> Bool {
        (try? ServerMessage.scan(bytes.span))?.members.contains(.toolCallCancellation) ?? false
    }

    /// Rules that may hide a server message from the client.
    private static let ruling: [Rule] = [
        .emptyTurn, .phantomInterrupted, .goAway, .flush, .handleReplaced,
        .deadAir,
    ]
}
