import Admin
import Basics
import Ledger

/// What a reader subscribes to.
enum Topic {
    /// One session: its timeline after this event, and its sums as they grow.
    case session(String, after: Int64)
    /// All sessions that change after this event; nil: from now on.
    case fleet(after: Int64?)
}

/// One reader's position in the events.
struct Subscription {
    let stream: ResponseStream
    /// Everything was sent.
    private(set) var isOver = false

    private var topic: Topic
    private var lastSaid = Instant(nanoseconds: 0)
    private var rounds = 0
    /// Rounds in which the sums may still lag behind the timeline.
    private var unsettled = 0
    /// Recently sent sessions, whose sums may still change.
    private var recent: [String: Int] = [:]
    /// Hashes of what was sent last, by session, so that nothing is sent twice.
    private var told: [String: Int] = [:]
    private var toldFleet: [UInt8] = []
    /// What live sessions do, of the whole fleet; nil until it was read.
    private var states: [String: SessionState]?

    /// When this much waits for a reader, nothing is added: some seconds on a slow line.
    private static let room = 256 << 10
    private static let batch = 500
    /// Proxies in between drop a silent connection after 30 s or more.
    private static let heartbeat = Interval.seconds(10)
    /// Rounds after an event in which sums are checked again: the ledger writes an event and the
    /// corresponding sums within a second of each other.
    private static let settling = 8
    /// Rounds between two checks of a session without events.
    private static let patience = 20
    /// Rounds between two checks of the fleet: its list need not change faster than people read.
    private static let fleetRhythm = 4
    /// With more changes at once, the reader should start over.
    private static let mostChanges = 2000

    init(_ stream: ResponseStream, _ topic: Topic) {
        self.stream = stream
        self.topic = topic
    }

    /// Sends what is new since the last round, as far as the reader keeps up.
    mutating func advance(
        _ reader: LedgerReader, _ condition: Ledger.Condition, at now: Instant
    ) throws(LedgerError) {
        if lastSaid.nanoseconds == 0 { lastSaid = now }
        let before = stream.backlog
        if before < Self.room {
            switch topic {
            case .session(let id, let number): try tellSession(reader, id, after: number)
            case .fleet(let number): try tellFleet(reader, condition, after: number)
            }
        }
        rounds += 1
        if stream.backlog > before {
            lastSaid = now
        } else if now - lastSaid >= Self.heartbeat {
            lastSaid = now
            stream.write(Array(": still here\n\n".utf8))
        }
    }

    mutating func send(trouble: String) {
        rounds += 1
        guard rounds % Self.patience == 1 else { return }
        say("trouble", ReportJSON.error(trouble).filter { $0 != UInt8(ascii: "\n") })
    }

    // MARK: One session

    private mutating func tellSession(
        _ reader: LedgerReader, _ id: String, after number: Int64
    ) throws(LedgerError) {
        let isDue = unsettled > 0 || rounds % Self.patience == 0
        // The sums are read first: once they say that it has ended, no event follows those read
        // after them.
        var sums = isDue ? try reader.session(id, withEvents: false) : nil
        var last = number
        var count = 0
        repeat {
            let events = try reader.events(after: last, session: id, limit: Self.batch)
            count = events.count
            if !events.isEmpty { unsettled = Self.settling }
            for event in events {
                last = event.number
                say(nil, ReportJSON.event(event), id: event.number)
            }
        } while count == Self.batch && stream.backlog < Self.room
        topic = .session(id, after: last)
        if count > 0, sums == nil { sums = try reader.session(id, withEvents: false) }
        unsettled = max(0, unsettled - 1)
        guard let sums else { return }
        tellOnce(id, ReportJSON.session(sums, withEvents: false), as: "session")
        if sums.summary.ended != nil, isDue, count == 0 {
            say("end", Array("{}".utf8))
            isOver = true
            stream.finish()
        }
    }

    // MARK: All sessions

    private mutating func tellFleet(
        _ reader: LedgerReader, _ condition: Ledger.Condition, after number: Int64?
    ) throws(LedgerError) {
        guard rounds % Self.fleetRhythm == 0 else { return }
        let start = if let number { number } else { try reader.newestEvent() }
        let (changed, newest) = try reader.changes(after: start, limit: Self.mostChanges)
        topic = .fleet(after: newest)
        if changed.count == Self.mostChanges {
            recent = [:]
            told = [:]
            states = nil
            say("reset", Array("{}".utf8), id: newest)
        } else {
            for id in changed { recent[id] = Self.settling / Self.fleetRhythm }
            try tellSessions(reader, upTo: newest)
        }
        let live = if let states { states } else { try reader.liveStates() }
        states = live
        let counts = SessionState.allCases.compactMap { state in
            let count = live.values.count { $0 == state }
            return count > 0 ? "\"\(state.rawValue)\":\(count)" : nil
        }
        var fleet = Array(#"{"live":\#(live.count),"states":{"#.utf8)
        fleet += (counts.joined(separator: ",") + "}").utf8
        fleet += #","ledger":{"queued":\#(condition.queued),"lost":\#(condition.lost)}}"#.utf8
        if fleet != toldFleet { say("fleet", fleet, id: newest) }
        toldFleet = fleet
    }

    private mutating func tellSessions(
        _ reader: LedgerReader, upTo newest: Int64
    ) throws(LedgerError) {
        let sessions = try reader.sessions(recent.keys.sorted())
        var news: [SessionSummary] = []
        for session in sessions {
            states?[session.id] = session.ended == nil ? session.state : nil
            let hash = ReportJSON.summary(session).hashValue
            if told[session.id] != hash { news.append(session) }
            told[session.id] = session.ended == nil ? hash : nil
        }
        for id in Array(recent.keys) {
            let left = (recent[id] ?? 0) - 1
            recent[id] = left > 0 ? left : nil
        }
        if !news.isEmpty { say("sessions", ReportJSON.sessions(news), id: newest) }
    }

    // MARK: Words

    private mutating func tellOnce(_ id: String, _ json: [UInt8], as name: String) {
        let hash = json.hashValue
        guard told[id] != hash else { return }
        told[id] = hash
        say(name, json)
    }

    /// One server-sent event. JSON has no line breaks of its own.
    private func say(_ name: String?, _ json: [UInt8], id: Int64? = nil) {
        var text: [UInt8] = []
        if let name { text += "event: \(name)\n".utf8 }
        if let id { text += "id: \(id)\n".utf8 }
        text += "data: ".utf8
        stream.write(text + json + "\n\n".utf8)
    }
}
