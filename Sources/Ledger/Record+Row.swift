import Basics
import Usage

/// A record as a row, for a process that does not have the ledger yet; see `WaitingRecords`.
/// Writing and reading agree: a kind, and columns whose meaning depends on it.
extension Record {
    enum Kind: String, CaseIterable {
        case policyLoaded, sessionOpened, modelNamed, connectionOpened, connectionResumed,
            connectionClosed, turnStarted, turnEnded, turnUsed, receipt, event, toolCall,
            sessionEnded, returnKept, noted, noteSettled, notePostponed, notesDropped
    }

    /// The number in the longest record, a turn's.
    static let mostColumns = 17

    /// The record itself, or records of one row each that say the same: an end, and its notes.
    var parts: [Record] {
        guard case .sessionEnded(var ending) = self, !ending.notes.isEmpty else { return [self] }
        let notes = ending.notes
        ending.notes = []
        return [.sessionEnded(ending)] + notes.map(Record.noted)
    }

    // MARK: Writing

    /// For a record that is one of its `parts`.
    var columns: (kind: Kind, values: [Value]) {
        switch self {
        case .policyLoaded(let tenant, let at, let text):
            (.policyLoaded, [.text(tenant), .moment(at), .text(text)])
        case .sessionOpened(let id, let tenant, let at, let endUser, let isReported):
            (
                .sessionOpened,
                [.text(id), .text(tenant), .moment(at), .text(endUser), Value(isReported ? 1 : 0)]
            )
        case .modelNamed(let session, let model):
            (.modelNamed, [.text(session), .text(model)])
        case .connectionOpened(let connection):
            (
                .connectionOpened,
                [
                    .text(connection.session), Value(connection.number),
                    .moment(connection.opened), Value(connection.resumed ? 1 : 0),
                    .text(connection.model),
                ]
            )
        case .connectionResumed(let session, let number):
            (.connectionResumed, [.text(session), Value(number)])
        case .connectionClosed(let session, let number, let at, let code, let reason, let by):
            (
                .connectionClosed,
                [
                    .text(session), Value(number), .moment(at), Value(code), .text(reason),
                    .text(by),
                ]
            )
        case .turnStarted(let session, let number, let input, let at):
            (.turnStarted, [.text(session), Value(number), .text(input), .moment(at)])
        case .turnEnded(let turn): (.turnEnded, Self.columns(turn))
        case .turnUsed(let session, let usage):
            (.turnUsed, [.text(session)] + Self.columns(usage))
        case .receipt(let session, let turn, let at, let json):
            (.receipt, [.text(session), Value(turn), .moment(at), .text(json)])
        case .event(let event):
            (
                .event,
                [
                    .text(event.session), .integer(event.at.nanoseconds), .text(event.what),
                    .text(event.lane), .text(event.text),
                ]
            )
        case .toolCall(let call): (.toolCall, Self.columns(call))
        case .sessionEnded(let ending): (.sessionEnded, Self.columns(ending))
        case .returnKept(let kept): (.returnKept, Self.columns(kept))
        case .noted(let note):
            (
                .noted,
                [
                    .text(note.id), .text(note.tenant), .text(note.event), .moment(note.at),
                    .text(note.session), .text(note.body), Value(note.most),
                ]
            )
        case .noteSettled(let number, let tenant):
            (.noteSettled, [.integer(number), .text(tenant)])
        case .notePostponed(let number, let attempts, let until):
            (.notePostponed, [.integer(number), Value(attempts), .moment(until)])
        case .notesDropped(let tenant): (.notesDropped, [.text(tenant)])
        }
    }

    private static func columns(_ turn: Turn) -> [Value] {
        [
            .text(turn.session), .text(turn.input), .moment(turn.started),
            .moment(turn.inputEnded), .moment(turn.firstAudio), .moment(turn.ended),
            .text(turn.outcome), Value(turn.userText), Value(turn.modelText),
            .text(turn.remedies.joined(separator: ",")),
        ] + columns(turn.usage)
    }

    private static func columns(_ usage: TurnUsage) -> [Value] {
        [Value(usage.turn)] + BookRows.values(usage)
    }

    private static func columns(_ call: ToolCall) -> [Value] {
        [
            .text(call.session), .text(call.id), .text(call.name), .moment(call.called),
            .moment(call.answered), .text(call.outcome.rawValue), Value(call.arguments),
            Value(call.result),
        ]
    }

    private static func columns(_ ending: Ending) -> [Value] {
        [
            .text(ending.session), .text(ending.tenant), .text(ending.model),
            .moment(ending.started), .moment(ending.ended), .text(ending.outcome),
            Value(ending.closeCode), .text(ending.closeReason), .text(ending.endUser),
        ]
    }

    private static func columns(_ kept: KeptReturn) -> [Value] {
        [
            .text(kept.digest), .text(kept.tenant), .text(kept.session), .text(kept.model),
            .integer(Int64(bitPattern: kept.tools)), .text(kept.handle), .text(kept.transcript),
            .integer(kept.cost), .integer(kept.tokens), .moment(kept.ended),
        ]
    }

    // MARK: Reading

    /// - Parameter row: Its first columns are those from `columns`.
    init(_ kind: Kind, _ row: borrowing Row) {
        switch kind {
        case .policyLoaded:
            self = .policyLoaded(tenant: row.text(0), at: row.moment(1), text: row.text(2))
        case .sessionOpened:
            self = .sessionOpened(
                id: row.text(0), tenant: row.text(1), at: row.moment(2), endUser: row.text(3),
                isReported: row.integer(4) != 0)
        case .modelNamed: self = .modelNamed(session: row.text(0), model: row.text(1))
        case .connectionOpened:
            self = .connectionOpened(
                Connection(
                    session: row.text(0), number: row.number(1), opened: row.moment(2),
                    resumed: row.integer(3) != 0, model: row.text(4)))
        case .connectionResumed:
            self = .connectionResumed(session: row.text(0), number: row.number(1))
        case .connectionClosed:
            self = .connectionClosed(
                session: row.text(0), number: row.number(1), at: row.moment(2),
                code: row.number(3), reason: row.text(4), by: row.text(5))
        case .turnStarted:
            self = .turnStarted(
                session: row.text(0), number: row.number(1), input: row.text(2),
                at: row.moment(3))
        case .turnEnded: self = .turnEnded(Self.turn(row))
        case .turnUsed: self = .turnUsed(session: row.text(0), Self.usage(row, from: 1))
        case .receipt:
            self = .receipt(
                session: row.text(0), turn: row.number(1), at: row.moment(2), json: row.text(3))
        case .event:
            self = .event(
                Event(
                    session: row.text(0), at: Interval(nanoseconds: row.integer(1)),
                    what: row.text(2), lane: row.text(3), text: row.text(4)))
        case .toolCall: self = .toolCall(Self.toolCall(row))
        case .sessionEnded: self = .sessionEnded(Self.ending(row))
        case .returnKept: self = .returnKept(Self.kept(row))
        case .noted:
            var note = Note(
                id: row.text(0), tenant: row.text(1), event: row.text(2), at: row.moment(3),
                most: row.number(6))
            note.session = row.text(4)
            note.body = row.text(5)
            self = .noted(note)
        case .noteSettled: self = .noteSettled(number: row.integer(0), tenant: row.text(1))
        case .notePostponed:
            self = .notePostponed(
                number: row.integer(0), attempts: row.number(1), until: row.moment(2))
        case .notesDropped: self = .notesDropped(tenant: row.text(0))
        }
    }

    private static func turn(_ row: borrowing Row) -> Turn {
        var turn = Turn(
            session: row.text(0), input: row.text(1), started: row.moment(2),
            ended: row.moment(5), outcome: row.text(6), usage: usage(row, from: 10))
        turn.inputEnded = row.optionalMoment(3)
        turn.firstAudio = row.optionalMoment(4)
        turn.userText = row.optionalText(7)
        turn.modelText = row.optionalText(8)
        turn.remedies = row.text(9).split(separator: ",").map(String.init)
        return turn
    }

    private static func usage(_ row: borrowing Row, from first: Int32) -> TurnUsage {
        var usage = TurnUsage(turn: row.number(first))
        usage.cost = row.integer(first + 1)
        usage.remedyCost = row.integer(first + 2)
        usage.priceDate = row.text(first + 3)
        usage.statedTotal = row.optionalInteger(first + 4) ?? -1
        usage.reports = row.number(first + 5)
        TokenText.add(row.text(first + 6), to: &usage.reported, &usage.estimated)
        return usage
    }

    private static func toolCall(_ row: borrowing Row) -> ToolCall {
        var call = ToolCall(
            session: row.text(0), id: row.text(1), name: row.text(2), called: row.moment(3),
            answered: row.optionalMoment(4),
            outcome: ToolCall.Outcome(rawValue: row.text(5)) ?? .lost,
            arguments: row.optionalText(6))
        call.result = row.optionalText(7)
        return call
    }

    private static func ending(_ row: borrowing Row) -> Ending {
        var ending = Ending(
            session: row.text(0), tenant: row.text(1), model: row.text(2), started: row.moment(3),
            ended: row.moment(4), outcome: row.text(5),
            closeCode: row.optionalInteger(6).map { Int($0) }, closeReason: row.text(7))
        ending.endUser = row.text(8)
        return ending
    }

    private static func kept(_ row: borrowing Row) -> KeptReturn {
        KeptReturn(
            digest: row.text(0), tenant: row.text(1), session: row.text(2), model: row.text(3),
            tools: UInt64(bitPattern: row.integer(4)), handle: row.text(5),
            transcript: row.text(6), cost: row.integer(7), tokens: row.integer(8),
            ended: row.moment(9))
    }
}

/// In nanoseconds, so that the ledger's rows get the same times as without this detour.
extension Value {
    fileprivate static func moment(_ moment: WallTime) -> Value { .integer(moment.nanoseconds) }

    fileprivate static func moment(_ moment: WallTime?) -> Value { Value(moment?.nanoseconds) }
}

extension Row {
    fileprivate func moment(_ column: Int32) -> WallTime {
        WallTime(nanoseconds: integer(column))
    }

    fileprivate func optionalMoment(_ column: Int32) -> WallTime? {
        optionalInteger(column).map { WallTime(nanoseconds: $0) }
    }

    fileprivate func number(_ column: Int32) -> Int { Int(integer(column)) }
}
