import Basics
import Wire

// Calls that are open, and results for a connection that does not know their calls.
extension ToolCalls {
    /// The client owes a result for a call made since then whose tool does not let the conversation
    /// continue: the result of any other leads to another turn.
    func isWaiting(since begin: Instant) -> Bool {
        calls.contains { $0.isHoldingTurn && $0.at >= begin }
    }

    /// The same for all such calls.
    var isHoldingTurn: Bool { calls.contains(where: \.isHoldingTurn) }

    /// Such a call of the latest turn is open, and not to be made again. The model has done without
    /// those of earlier turns.
    func isHoldingTurn(on connection: ConnectionID, since begin: Instant) -> Bool {
        calls.contains {
            $0.isHoldingTurn && $0.at >= begin && $0.isAwaited(on: connection, since: begin)
        }
    }

    /// The turn waits for the client. Not for a call of a lost connection whose question was asked
    /// again: then it is the model's move.
    func isWaiting(on connection: ConnectionID, since begin: Instant) -> Bool {
        if calls.isEmpty { return false }
        return calls.contains {
            $0.isOpen && !$0.isAbandoned && $0.isAwaited(on: connection, since: begin)
        }
    }

    /// The newest call.
    var calledAt: Instant { calls.map(\.at).max() ?? Instant(nanoseconds: 0) }

    /// This connection waits for a result.
    func isWaiting(on connection: ConnectionID) -> Bool {
        calls.contains { $0.isOpen && !$0.isAbandoned && $0.connection == connection }
    }

    /// A blocking call that this connection knows of is open. An interruption alone does not end
    /// it, because it may be a phantom.
    func block(_ connection: ConnectionID) -> Bool {
        calls.contains { $0.isOpen && !$0.isFree && $0.connection == connection }
    }

    /// A call of an earlier connection is open, and may have been carried over by a handle.
    var mayHaveComeOver: Bool { calls.contains(where: \.isOpen) }

    /// Results before any call of this session are for a call that gemini does not know.
    var isForOthers: Bool { othersAreDead && made == 0 }

    /// The model may not know what the last result belongs to.
    var lastResultMayBeForeign: Bool {
        calls.last { $0.result != nil }?.isCarried ?? false
    }

    /// A message as it may be replayed to a new connection: unchanged if that knows the calls it
    /// answers; as words if no connection waits for them, with the last of them (then empty); not
    /// at all (`nil`) if the calls will be made again.
    ///
    /// - Parameters:
    ///   - told: The part of the conversation that the connection was told.
    ///   - isQuestionSaid: A question is sent again, which may make its calls again; the results of
    ///   others are told when it is answered, because they would ask something else.
    ///   - isLast: Nothing that is told in words follows. All words are sent with it, because each
    ///   asks, and a second question would interrupt the answer to the first.
    func again(
        _ bytes: [UInt8], connection: ConnectionID, told: [Journal.ID] = [],
        isQuestionSaid: Bool, isLast: Bool,
        ask: (InWords) -> [UInt8]
    ) -> [UInt8]? {
        guard let message = try? ClientMessage.scan(bytes.span),
            message.members.contains(.toolResponse)
        else { return bytes }
        var edits: [ElementEdit] = []
        var isForeign = false
        var reader = ToolReader(answers: message.value, in: bytes.span)
        while let answer = reader.nextAnswer(in: bytes.span) {
            let id = JSONText.unescape(bytes.span, answer.id)
            guard let call = calls.last(where: { $0.id == id }) else {
                // A service closes on a result for a call that it does not know.
                edits.append(mayKnowOthers ? .keep : .drop)
                continue
            }
            if call.connection == connection {
                edits.append(call.geminiID == id ? .keep : .ids([call.geminiID]))
            } else {
                edits.append(.drop)
                isForeign = true
            }
        }
        if !isForeign, !edits.contains(where: { $0 != .keep }) { return bytes }
        if edits.contains(where: { $0 != .drop }) {
            return ClientMessage.edit(bytes.span, [.answers(edits)])
        }
        guard isForeign, !isQuestionSaid else { return nil }
        guard isLast else { return [] }
        let others = calls.filter {
            $0.connection != connection && !$0.isTold && !$0.isLeft && !$0.isAskedAgain
                && $0.scheduling != .silent
                && !($0.isNoted && $0.resultID.map(told.contains) ?? false)
        }
        return words(of: others.map(\.id)).map(ask)
    }

    /// Results in this message that another connection is not told: for calls that are not
    /// remembered, which no connection knows, except those from before the session. Counted once,
    /// however many connections follow.
    mutating func dropped(in bytes: [UInt8], at id: Journal.ID) -> Int {
        guard !mayKnowOthers, id > lastDropped,
            let message = try? ClientMessage.scan(bytes.span)
        else { return 0 }
        var count = 0
        var reader = ToolReader(answers: message.value, in: bytes.span)
        while let answer = reader.nextAnswer(in: bytes.span) {
            let id = JSONText.unescape(bytes.span, answer.id)
            if !calls.contains(where: { $0.id == id }) { count += 1 }
        }
        if count > 0 { lastDropped = id }
        return count
    }

    /// The results in this message were sent to another connection, as such or in words.
    mutating func sentAgain(_ bytes: [UInt8], at id: Journal.ID) {
        guard let message = try? ClientMessage.scan(bytes.span) else { return }
        var reader = ToolReader(answers: message.value, in: bytes.span)
        while let answer = reader.nextAnswer(in: bytes.span) {
            let own = JSONText.unescape(bytes.span, answer.id)
            guard let index = calls.lastIndex(where: { $0.id == own }), !calls[index].isNoted
            else { continue }
            calls[index].resultID = id
        }
    }

    /// The results that were sent and are not yet in the conversation's words.
    mutating func takeResults() -> [Noted] {
        var taken: [Noted] = []
        for index in calls.indices where calls[index].result != nil && !calls[index].isNoted {
            guard let id = calls[index].resultID else { continue }
            calls[index].isNoted = true
            // One message may hold several results.
            let isSilent = calls.allSatisfy { $0.resultID != id || $0.scheduling == .silent }
            taken.append(
                Noted(
                    id: id, sentence: calls[index].sentence, hasParts: calls[index].hasParts,
                    isSilent: isSilent))
        }
        return taken
    }

    /// A result that becomes part of the conversation's words.
    struct Noted {
        var id: Journal.ID
        var sentence: String
        var hasParts: Bool
        /// The model is not to mention it.
        var isSilent: Bool
    }

    /// Results told to a model that does not know the calls.
    struct InWords {
        var text: String
        /// Pictures and files, as JSON: content may contain them, text does not.
        var parts: [[UInt8]] = []

        init(text: String, parts: [[UInt8]]) { (self.text, self.parts) = (text, parts) }

        /// Nil if there are none.
        init?(_ all: [Self]) {
            if all.isEmpty { return nil }
            text = all.map(\.text).joined(separator: " ")
            parts = all.flatMap(\.parts)
        }
    }

    /// The results of these calls, a sentence for each.
    func words(of ids: [String]) -> InWords? {
        InWords(calls.filter { ids.contains($0.id) && $0.result != nil }.map(\.inWords))
    }

    /// Gemini has closed on a result before.
    var haveRefused: Bool { calls.contains { $0.isRefused && $0.result != nil } }

    var resultsInWords: InWords? { words(of: calls.filter { !$0.isTold }.map(\.id)) }

    /// A result waits whose question was answered without it, and which the model may speak about.
    var isLeftToAsk: Bool {
        calls.contains { $0.isLeft && !$0.isTold && $0.result != nil && $0.scheduling != .silent }
    }

    /// Something waits to be told in words.
    var hasWords: Bool {
        if calls.isEmpty { return false }
        return calls.contains { $0.isDue || $0.isLeft && !$0.isTold && $0.result != nil }
    }

    /// Results for calls that no connection knows any more, that were not told, and will not be
    /// made again.
    ///
    /// - Parameter isAside: Those that ask nothing; otherwise the others.
    func due(isAside: Bool) -> [String] {
        calls.filter { $0.isDue && $0.isAside == isAside }.map(\.id)
    }

    /// One of these is such a result, for a call made since then.
    func isDue(_ ids: [String], since begin: Instant) -> Bool {
        calls.contains {
            $0.isDue && !$0.isAside && !$0.isFree && $0.at >= begin && ids.contains($0.id)
        }
    }

    /// The client wants the model to speak about one of them at once.
    func interrupts(_ ids: [String]) -> Bool {
        calls.contains { $0.isDue && $0.scheduling == .interrupt && ids.contains($0.id) }
    }
}

extension ToolCalls.Call {
    fileprivate func isAwaited(on connection: ConnectionID, since begin: Instant) -> Bool {
        self.connection == connection || !isAskedAgain && at >= begin
    }
}

extension ToolCalls.Verdict {
    /// The result is not awaited.
    mutating func drop() -> ElementEdit {
        dropped += 1
        return .drop
    }
}
