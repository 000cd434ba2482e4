import Basics
import Wire

/// Gemini's calls and the client's results, remembered for as long as their turn may have to be
/// asked again: we never cause a tool to run twice, and never drop its result while the call is
/// alive. Messages are edited, never rebuilt: other fields stay.
struct ToolCalls {
    struct Call {
        /// The id that the client knows.
        var id: String
        var name: String
        /// A hash of name and arguments: a repeated call is the same call.
        var key: UInt64
        /// The same for its last piece alone, if that contains everything.
        var lastKey: UInt64?
        /// When it was made, or made again.
        var at: Instant
        /// Its position among all calls made, or made again: earlier handles do not know it. The
        /// time would not do: one read may bring a handle and the call after it.
        var number: Int
        /// The end of the journal before it.
        var end: Journal.ID
        var connection: ConnectionID
        /// Gemini's id for it, if that is not the client's.
        var alias: String?
        /// Of gemini's id. A new id is compared with those of all calls.
        var hash: Int
        /// The element in the client's answer, and where in it the result is, as JSON.
        var result: [UInt8]?
        var responseRange = 0..<0
        /// When the client wants the model to speak about it.
        var scheduling = ToolAnswer.Scheduling.unspecified
        /// Its pictures and files.
        var partsRange = 0..<0
        /// For a result in pieces, those before the last one.
        var pieces: [UInt8] = []
        var isCancelled = false
        /// More of its arguments follow.
        var isPartial = false
        /// It came in several pieces.
        var isContinued = false
        /// Its result came when no connection knew the call.
        var isDead = false
        /// The tool lets the conversation continue.
        var isFree = false
        /// It was made on an earlier connection; the current one may have forgotten it.
        var isCarried = false
        /// The question that led to it was sent again on the current connection: it may be made
        /// again.
        var isAskedAgain = false
        /// Its turn was asked twice, so it may be made twice.
        var isSpared = false
        /// It was made once more on the same connection.
        var twins: [String] = []
        /// Its result is no longer awaited, but would still be accepted.
        var isAbandoned = false
        /// Its question was answered on another connection, without it.
        var isLeft = false
        /// Its result was told in words. It may still be made again there, with another question.
        var isTold = false
        /// Where in the journal its result was sent last, as such or in words; `nil` if it was not.
        var resultID: Journal.ID?
        /// The result is part of the conversation's words.
        var isNoted = false
        /// Gemini closed on its result: it does not know the call, or cannot read the result.
        var isRefused = false
        /// As shown to the client, in one piece or more, for a client that returns without it.
        var shown: [[UInt8]] = []
        /// The client has left since.
        var isLeftBehind = false

        var geminiID: String { alias ?? id }
        var isOpen: Bool { result == nil && !isCancelled }
        var isHoldingTurn: Bool { isOpen && !isAbandoned && !isFree }
        /// Its result came when no connection knew the call, and is still to be told. If its
        /// question is asked again, the call may be made again; if that was answered without it,
        /// the result is told as an aside.
        var isDue: Bool {
            isDead && result != nil && !isTold && !isLeft && !isAskedAgain && !isCancelled
        }
        /// A call like it, on this connection, may be this one.
        func mayComeAgain(on connection: ConnectionID) -> Bool {
            (self.connection != connection || isCarried || isSpared) && !isCancelled
        }
        /// Nobody waits for words about it: the client wants none, or the user moved on.
        var isAside: Bool { scheduling == .silent || isAbandoned }
        /// Its result has been told there.
        func isKnown(on connection: ConnectionID) -> Bool {
            result != nil && (self.connection == connection && resultID != nil || isTold)
        }
    }

    /// Written only in extensions of this type.
    var calls: [Call] = [] { didSet { isCounted = false } }
    /// Answered calls that are open in a kept handle: a service resumed with it may make them
    /// again.
    var settled: [Call] = [] { didSet { isCounted = false } }
    var beginnings: [Beginning] = [] { didSet { isCounted = false } }
    /// Their bytes, if nothing has changed since.
    var counted = 0
    var isCounted = true
    /// The last results were for a call that is awaited.
    private(set) var wasAwaited = false
    /// All of them were, and the model finishes what it says before it speaks about them.
    private(set) var mayWait = false
    /// The number of calls made, or made again.
    private(set) var made = 0
    /// Gemini knows no call from before the session.
    var othersAreDead = false
    /// The connection was resumed with a handle of an earlier session, whose calls it may know.
    var mayKnowOthers = false
    /// Calls in flight beyond those that are remembered.
    var unkept = Unkept() { didSet { isCounted = false } }
    /// The newest message with results that were dropped because their calls are not remembered.
    var lastDropped: Journal.ID = -1
    /// Calls that need no result any more, by a hash of the id that the client knows; newest last.
    var finished: [Int] = [] { didSet { isCounted = false } }

    static let limit = 64
    /// Calls that are remembered at once. Every call is compared with all of them, so that a message
    /// of a hundred thousand calls takes a fraction of a second.
    static let mostCalls = 256

    /// The client owes a result that gemini waits for.
    var isWaiting: Bool { calls.contains { $0.isOpen && !$0.isAbandoned } }

    // MARK: Gemini's side

    /// What to do with a message of calls.
    struct Reception {
        /// Edits that hide calls which the client has already seen, and rename others.
        var edits: [ElementEdit] = []
        var isEdited: Bool { edits.contains { $0 != .keep } }
        /// Results that are already known, as elements for gemini, and their calls.
        var answers: [[UInt8]] = []
        var answered: [String] = []
        var known = 0
        var fresh = 0
        /// As many calls: one may come in pieces.
        var begun = 0
        /// New ones that the client is shown under another id.
        var renamed = 0
        /// New ones that are not remembered.
        var unkept = 0
        /// Pieces that wait for the rest of their call.
        var held = 0
        /// Pieces that waited, to be sent to the client before this message.
        var released: [[UInt8]] = []
    }

    /// Processes calls. A call that was made before on a lost connection, with the same name and
    /// arguments, is not shown to the client again.
    ///
    /// - Parameters:
    ///   - free: Names of the tools that let the conversation continue.
    ///   - mayBeLeft: The client may leave, and return without them.
    ///   - room: How many more bytes of calls may be kept.
    ///   - end: The journal's.
    mutating func called(
        _ tool: ByteRange, in payload: Span<UInt8>, connection: ConnectionID, free: [String],
        mayBeLeft: Bool, room: Int, end: Journal.ID, at now: Instant
    ) -> Reception {
        var room = room
        var reception = Reception()
        var reader = ToolReader(calls: tool, in: payload)
        beginnings.removeAll { $0.connection != connection }
        while let call = reader.nextCall(in: payload) {
            let id = JSONText.unescape(payload, call.id)
            let fits = call.value.count <= room
            let whole = completed(call, id: id, fits: fits, payload)
            if call.willContinue, whole.pieces.isEmpty, fits,
                holdBack(call, id: id, payload, connection: connection)
            {
                room -= call.value.count
                reception.held += 1
                reception.edits.append(.drop)
                continue
            }
            let answered = recognise(
                call, whole.key, id: id, payload, connection: connection, end: end, at: now)
            if answered.isKnown {
                reception.known += 1
                reception.edits.append(.drop)
                reception.answers += answered.results
                reception.answered += answered.results.isEmpty ? [] : [answered.id]
                continue
            }
            if unkept.wasMade(whole.key, before: connection) {
                reception.known += 1
                reception.edits.append(.drop)
                reception.answers.append(Self.unknownResult(of: call, id: id, payload))
                continue
            }
            reception.fresh += 1
            if !call.willContinue { reception.begun += 1 }
            guard
                let index = remember(
                    call, whole.key, id: id, payload, connection: connection, free: free, end: end,
                    at: now)
            else {
                if !call.willContinue { reception.unkept += 1 }
                reception.edits.append(.keep)
                reception.released += whole.pieces
                continue
            }
            let shown = calls[index].id
            let isRenamed = shown != id
            if isRenamed, !call.willContinue { reception.renamed += 1 }
            reception.edits.append(isRenamed ? .ids([shown]) : .keep)
            let pieces =
                isRenamed ? whole.pieces.map { Self.element($0, under: shown) } : whole.pieces
            reception.released += pieces
            if mayBeLeft { room -= keep(pieces, call, payload, of: index, room: room) }
        }
        return reception
    }

    /// Whether a piece waits for the rest of its call: a call with that name was made before, and
    /// is expected again.
    private mutating func holdBack(
        _ call: ToolCall, id: String, _ payload: Span<UInt8>, connection: ConnectionID
    ) -> Bool {
        let index = beginnings.firstIndex { $0.id == id }
        let isExpected = calls.indices.contains {
            calls[$0].mayComeAgain(on: connection)
                && JSONText.equals(payload, call.name, calls[$0].name)
        }
        guard !id.isEmpty, index != nil || isExpected && beginnings.count < Self.limit else {
            return false
        }
        let key = Self.key(call, payload)
        let piece = Self.copy(call.value, payload)
        if let index {
            beginnings[index].key = beginnings[index].key &* 31 &+ key
            beginnings[index].pieces.append(piece)
        } else {
            beginnings.append(Beginning(id: id, connection: connection, key: key, pieces: [piece]))
        }
        return true
    }

    /// The last piece of a call that waited, or a complete call, with all its content.
    ///
    /// - Parameter fits: It may continue to wait.
    private mutating func completed(
        _ call: ToolCall, id: String, fits: Bool, _ payload: Span<UInt8>
    ) -> (key: UInt64, pieces: [[UInt8]]) {
        let key = Self.key(call, payload)
        guard let index = beginnings.firstIndex(where: { $0.id == id }),
            !call.willContinue || !fits || beginnings[index].isOverfull
        else { return (key, []) }
        let beginning = beginnings.remove(at: index)
        return (beginning.key &* 31 &+ key, beginning.pieces)
    }

    private mutating func recognise(
        _ call: ToolCall, _ key: UInt64, id: String, _ payload: Span<UInt8>,
        connection: ConnectionID, end: Journal.ID, at now: Instant
    ) -> (isKnown: Bool, id: String, results: [[UInt8]]) {
        let last = Self.lastKey(call, payload)
        if let index = live(id, on: connection) {
            // A complete call delivered twice (failure catalogue 8.4) is run once; otherwise it is
            // the next piece of a call (16.1).
            let isTwin = !call.willContinue && !calls[index].isPartial && calls[index].key == key
            let result = isTwin ? calls[index].result : nil
            return (isTwin, calls[index].id, result.map { [Self.element($0, under: id)] } ?? [])
        }
        guard !call.willContinue,
            let index = calls.indices.first(where: {
                calls[$0].mayComeAgain(on: connection)
                    && (calls[$0].key == key
                        || last != nil && (calls[$0].lastKey ?? calls[$0].key) == last)
            })
        else { return (false, "", []) }
        if calls[index].connection == connection, calls[index].isSpared {
            // The model waits for both.
            calls[index].twins.append(id)
        } else {
            made += 1
            calls[index].alias = id
            calls[index].hash = id.hashValue
            calls[index].connection = connection
            calls[index].at = now
            calls[index].number = made
            // A call that was carried over may be repeated, as may the one its question leads to.
            calls[index].isSpared = calls[index].isCarried && calls[index].isAskedAgain
            calls[index].isCarried = false
            calls[index].twins = []
            calls[index].isAbandoned = false
            calls[index].isLeft = false
            calls[index].isTold = false
            calls[index].isDead = false
        }
        let result = calls[index].isRefused ? calls[index].plainResult : calls[index].result
        if result != nil { calls[index].resultID = end }
        return (true, calls[index].id, result.map { [Self.element($0, under: id)] } ?? [])
    }

    private mutating func remember(
        _ call: ToolCall, _ key: UInt64, id: String, _ payload: Span<UInt8>,
        connection: ConnectionID, free: [String], end: Journal.ID, at now: Instant
    ) -> Int? {
        if let index = live(id, on: connection) {
            if calls[index].takesNoResult { reopen(index) }
            calls[index].isPartial = call.willContinue
            calls[index].isContinued = true
            calls[index].key = calls[index].key &* 31 &+ key
            calls[index].lastKey = Self.lastKey(call, payload)
            return index
        }
        giveUp(carried: id, on: connection)
        guard hasRoom() else {
            unkept.add(key, on: connection)
            isMeantAnew(id)
            return nil
        }
        let name = JSONText.unescape(payload, call.name)
        made += 1
        let shown = unused(id)
        calls.append(
            Call(
                id: shown, name: name, key: key, lastKey: Self.lastKey(call, payload), at: now,
                number: made, end: end, connection: connection, alias: shown == id ? nil : id,
                hash: id.hashValue, isPartial: call.willContinue, isFree: free.contains(name)))
        return calls.count - 1
    }

    /// An interruption ends what the model was waiting for.
    mutating func abandon() {
        for index in calls.indices { calls[index].isAbandoned = true }
    }

    /// The turn was asked twice: the model may make its calls again.
    mutating func spare() { for index in calls.indices { calls[index].isSpared = true } }

    /// The turn has its answer: its results need not be remembered, unless this connection was not
    /// told them, or may make their calls again. Cancelled calls are remembered, because a result
    /// may still come.
    ///
    /// - Parameter open: How many calls had been made by the last kept handle with an open one.
    mutating func turnEnded(connection: ConnectionID, open: Int) {
        if unkept.isUsed { unkept.forget() }
        settle(open: open) { call in
            let mayComeAgain =
                call.isAskedAgain
                && (call.isCarried || call.isSpared || call.connection != connection)
            return call.isKnown(on: connection) && !mayComeAgain
        }
        for index in calls.indices where calls[index].isKnown(on: connection) {
            calls[index].isSpared = true
        }
    }

    /// The user asks something else: new calls are intended. The results of calls that this
    /// connection has not made again are told with the question. A result that led to no answer yet
    /// is kept for the conversation's words.
    mutating func asked(connection: ConnectionID, open: Int) {
        if unkept.isUsed { unkept.forget() }
        leave(on: connection, isMovedOn: true)
        settle(open: open) { $0.isSpared && $0.isNoted && $0.isKnown(on: connection) }
        for index in calls.indices where calls[index].isKnown(on: connection) {
            calls[index].isSpared = false
        }
    }

    /// A result that gemini refuses in every form is not told in other words either.
    mutating func dropRefused() {
        for index in calls.indices where calls[index].isRefused { calls[index].isNoted = true }
    }

    /// Gemini closed on them, and the results it was sent led to nothing: they are not sent again
    /// unchanged.
    ///
    /// - Returns: How many there are that had not been changed before.
    mutating func refused(on connection: ConnectionID) -> Int {
        var count = 0
        for index in calls.indices
        where calls[index].connection == connection && calls[index].resultID != nil
            && !calls[index].isRefused
        {
            calls[index].isRefused = true
            count += 1
        }
        return count
    }

    // MARK: The client's side

    /// What to do with a message of results.
    struct Verdict {
        /// Changes ids to gemini's own, and removes results that are not awaited; `nil`: unchanged.
        var edits: [ElementEdit]?
        /// The ids of results that wait until gemini makes their calls again.
        var dead: [String] = []
        var dropped = 0
        /// Something is left of the message.
        var goesOn = false
    }

    /// Processes the client's results.
    mutating func answered(
        _ answers: ByteRange, in payload: Span<UInt8>, connection: ConnectionID, end: Journal.ID
    ) -> Verdict {
        var verdict = Verdict()
        var edits: [ElementEdit] = []
        var isTouched = false
        (wasAwaited, mayWait) = (false, true)
        var reader = ToolReader(answers: answers, in: payload)
        while let answer = reader.nextAnswer(in: payload) {
            let edit = accept(answer, payload, connection: connection, end: end, &verdict)
            if edit != .keep { isTouched = true }
            if edit != .drop { verdict.goesOn = true }
            edits.append(edit)
        }
        if isTouched { verdict.edits = edits }
        if edits.isEmpty { verdict.goesOn = true }
        return verdict
    }

    private mutating func accept(
        _ answer: ToolAnswer, _ payload: Span<UInt8>, connection: ConnectionID, end: Journal.ID,
        _ verdict: inout Verdict
    ) -> ElementEdit {
        let id = JSONText.unescape(payload, answer.id)
        guard let index = index(of: answer, id, payload) else {
            return isStray(id, on: connection) ? verdict.drop() : .keep
        }
        if calls[index].takesNoResult { return verdict.drop() }
        if !calls[index].isAbandoned { wasAwaited = true }
        calls[index].take(answer, payload)
        if !calls[index].isFree || calls[index].scheduling == .interrupt { mayWait = false }
        if calls[index].result != nil { finish(index) }
        guard calls[index].connection == connection else {
            calls[index].isDead = true
            verdict.dead.append(calls[index].id)
            return .drop
        }
        calls[index].resultID = end
        let ids = [calls[index].geminiID] + calls[index].twins
        return ids == [id] ? .keep : .ids(ids)
    }
}
