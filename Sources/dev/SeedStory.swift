import Basics
import Ledger
import Usage

/// An invented conversation with its trouble, as ledger records.
struct Story {
    let start: WallTime
    /// In the order of time since the start.
    private(set) var records: [(at: Interval, record: Record)] = []

    private let session: String
    private let tenant: String
    private let model: String
    private var clock = 0.0
    private var connection = 0
    private var turn = 0
    private var prompt: Int64 = 0

    private static let tenants = [
        "acme", "acme", "acme", "brightline", "brightline", "exam-board", "kiosk", "northwind",
    ]
    private static let models = [
        "gemini-3.1-flash-live-preview", "gemini-3.1-flash-live-preview",
        "gemini-2.5-flash-native-audio-latest", "gemini-3.8-live",
    ]
    private static let exchanges: [(user: String, model: String)] = [
        (
            "Hi, I have a question about my booking for tomorrow.",
            "Of course. Could you tell me the name the booking was made under?"
        ),
        (
            "It is under Lindqvist, two rooms, arriving on Saturday.",
            "Thank you. I see two rooms from Saturday to Tuesday, with breakfast. What would you "
                + "like to change?"
        ),
        (
            "Can we move it one day later, and is there still a room with a view?",
            "Sunday to Wednesday is free. There is one room with a view of the harbour left, for "
                + "eighteen euros more per night."
        ),
        ("Yes, please do that.", "Done. You will get a new confirmation by mail in a minute."),
        (
            "What did I answer in the previous part of the test?",
            "You described your home town. Now please compare it with the city you live in today."
        ),
        (
            "Where do I find the office for lost property?",
            "It is on the ground floor, behind the main stairs. It closes at eight this evening."
        ),
        ("Danke, das war alles.", "Gern geschehen. Einen schönen Abend noch!"),
    ]

    init(start: WallTime, isLong: Bool = false, _ random: inout SeededRandom) {
        self.start = start
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")
        session = String((0..<26).map { _ in alphabet[Int.random(in: 0..<32, using: &random)] })
        tenant = Self.tenants.randomElement(using: &random) ?? "acme"
        model = Self.models.randomElement(using: &random) ?? "gemini-3.8-live"
        add(.sessionOpened(id: session, tenant: tenant, at: start))
        open()
        if random.chance(0.02) {
            end("unanswered", 1011, "gemini is unreachable")
            return
        }
        let turns = Int.random(in: isLong ? 12...40 : 1...14, using: &random)
        var cutShort = false
        for number in 1...turns where !cutShort {
            converse(number, &random)
            if random.chance(isLong ? 0 : 0.012) { cutShort = true }
        }
        if cutShort {
            event("gemini", "closed", "gemini closed: 1011 Internal error encountered.")
            close(1011, "Internal error encountered.")
            event("turnkeeper", "gave_up", "gave up after 5 attempts in 30 s")
            end("gemini_closed", 1011, "turnkeeper: gemini closed, and could not be reached again")
        } else {
            wait(1.2, &random)
            event("client", "closed", "client closed: 1000 ")
            close(1000, "")
            end("completed", 1000, "")
        }
    }

    /// What an attacker would say: markup, quotes, direction marks, great length.
    mutating func makeHostile() {
        let attack =
            "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
            + "\u{202E}]]>{{7*7}}\u{0000}\u{1B}[2J' OR 1=1 -- javascript:document.title='owned'"
        records = records.map { at, record in
            switch record {
            case .event(var event):
                event.text = attack
                event.what = event.what == "first_audio" ? "first_audio" : event.what
                return (at, .event(event))
            case .turnEnded(var turn):
                turn.userText = attack
                turn.modelText = attack
                turn.remedies = [attack]
                return (at, .turnEnded(turn))
            case .toolCall(var call):
                call.name = attack
                call.arguments = attack
                return (at, .toolCall(call))
            case .sessionEnded(var ending):
                ending.closeReason = attack
                ending.model = attack
                return (at, .sessionEnded(ending))
            case .connectionClosed(let session, let number, let at2, let code, _, _):
                return (
                    at,
                    .connectionClosed(
                        session: session, number: number, at: at2, code: code, reason: attack)
                )
            default: return (at, record)
            }
        }
    }

    // MARK: Scenes

    private mutating func open() {
        event("turnkeeper", "dialing", "dialing gemini (connection 1)")
        clock += 0.08
        connect(resumed: false)
        event(
            "client", "set_up", "setup for \(model), manual voice activity detection")
        add(.modelNamed(session: session, model: model))
        clock += 0.21
        event("gemini", "setup_completed", "setup complete")
    }

    private mutating func converse(_ number: Int, _ random: inout SeededRandom) {
        turn = number
        let exchange = Self.exchanges[(number - 1) % Self.exchanges.count]
        wait(1.6, &random)
        let began = clock
        event("client", "activity_started", "activity starts")
        let length = Double(exchange.user.count) * 0.055
        say("client", "input_transcription", "heard: ", exchange.user, over: length)
        event("client", "activity_ended", "activity ends, \(Int(length * 1000)) ms of audio")
        let asked = now
        event("client", "turn_started", "turn \(number) asked by audio")
        add(.turnStarted(session: session, number: number, input: "audio", at: asked))
        if random.chance(0.1) {
            event(
                "turnkeeper", "audio_outside_activity",
                "dropped audio outside an activity (40 ms of audio)")
        }
        var remedies: [String] = []
        if random.chance(0.15) { callTool(&random) }
        if random.chance(0.09) { remedies += trouble(&random) }
        clock += Double.random(in: 0.35...1.1, using: &random)
        let audio = now
        event(
            "gemini", "first_audio",
            "turn \(number): first sound after \((audio - asked).milliseconds) ms")
        let isCut = random.chance(0.08)
        let answer = isCut ? String(exchange.model.prefix(40)) : exchange.model
        say(
            "gemini", "output_transcription", "says: ", answer,
            over: Double(answer.count) * 0.06)
        let outcome = isCut ? "interrupted" : "answered"
        event("gemini", "turn_ended", "turn \(number) \(outcome)")
        var record = Record.Turn(
            session: session, input: "audio", started: start + seconds(began), ended: now,
            outcome: outcome, usage: usage(number, length, clock, remedies.isEmpty ? 0 : 180))
        record.inputEnded = asked
        record.firstAudio = audio
        record.userText = exchange.user
        record.modelText = answer
        record.remedies = remedies
        add(.turnEnded(record))
    }

    private mutating func trouble(_ random: inout SeededRandom) -> [String] {
        clock += 4
        event("turnkeeper", "stalled", "turn \(turn) stalled: no_output for 4000 ms")
        clock += 1.5
        event("turnkeeper", "nudged", "nudged turn \(turn) (1 of 2)")
        clock += 2
        guard random.chance(0.5) else { return ["nudge"] }
        clock += 2
        event("turnkeeper", "stalled", "turn \(turn) still without an answer: reconnecting")
        event("turnkeeper", "reconnecting", "reconnecting to gemini: hard stall")
        event("turnkeeper", "dialing", "dialing gemini (connection \(connection + 1))")
        clock += 0.9
        close(1011, "Internal error encountered.")
        connect(resumed: true)
        clock += 0.65
        event("gemini", "setup_completed", "setup complete")
        event("turnkeeper", "reconnected", "resumed by handle in 1550 ms")
        event("turnkeeper", "replayed", "replayed the user's turn, 2400 ms of audio")
        return ["nudge", "resume", "replay"]
    }

    private mutating func callTool(_ random: inout SeededRandom) {
        clock += 0.4
        let id = "call-\(turn)"
        var call = Record.ToolCall(
            session: session, id: id, name: "find_booking", called: now, outcome: .open)
        event("gemini", "tool_called", "calls a tool")
        add(.toolCall(call))
        clock += Double.random(in: 0.2...1.8, using: &random)
        event("client", "tool_answered", "answers a tool call")
        call.answered = now
        call.outcome = random.chance(0.1) ? .failed : .answered
        add(.toolCall(call))
    }

    // MARK: Pieces

    private var now: WallTime { start + seconds(clock) }

    private func seconds(_ count: Double) -> Interval { .milliseconds(Int64(count * 1000)) }

    private mutating func wait(_ most: Double, _ random: inout SeededRandom) {
        clock += Double.random(in: 0.3...most, using: &random)
    }

    private mutating func add(_ record: Record) { records.append((seconds(clock), record)) }

    private mutating func event(_ lane: String, _ what: String, _ text: String) {
        add(
            .event(
                Record.Event(
                    session: session, at: seconds(clock), what: what, lane: lane, text: text)))
    }

    /// Words come one after another, as transcripts do.
    private mutating func say(
        _ lane: String, _ what: String, _ prefix: String, _ text: String, over length: Double
    ) {
        let words = text.split(separator: " ")
        for (place, word) in words.enumerated() {
            clock += length / Double(words.count)
            event(lane, what, prefix + (place == 0 ? "" : " ") + word)
        }
    }

    private mutating func connect(resumed: Bool) {
        connection += 1
        event("gemini", "connected", "connection \(connection) is open")
        add(
            .connectionOpened(
                Record.Connection(
                    session: session, number: connection, opened: now, resumed: resumed,
                    model: model)))
    }

    private mutating func close(_ code: Int, _ reason: String) {
        add(
            .connectionClosed(
                session: session, number: connection, at: now, code: code, reason: reason))
    }

    private mutating func end(_ outcome: String, _ code: Int, _ reason: String) {
        event("turnkeeper", "ended", "session \(outcome)")
        add(
            .sessionEnded(
                Record.Ending(
                    session: session, tenant: tenant, model: model, started: start, ended: now,
                    outcome: outcome, closeCode: code, closeReason: reason)))
    }

    /// The whole context is billed again with every turn, so turns become more expensive.
    private mutating func usage(
        _ number: Int, _ length: Double, _ clock: Double, _ remedy: Int64
    ) -> TurnUsage {
        prompt += Int64(length * 25)
        var usage = TurnUsage(turn: number)
        usage.reported.prompt.audio = prompt
        usage.reported.prompt.text = 240
        usage.reported.response.audio = 60 + Int64(length * 20)
        usage.reported.response.text = number % 3 == 0 ? 12 : 0
        usage.reported.thoughts = number % 4 == 0 ? 35 : 0
        if number % 5 == 0 { usage.estimated.response.text = 9 }
        usage.statedTotal = usage.reported.total
        usage.reports = 1
        usage.cost = prompt * 3 + 240 / 2 + usage.reported.response.audio * 12
        usage.remedyCost = remedy
        usage.priceDate = "2026-11-01"
        prompt += usage.reported.response.audio
        return usage
    }
}
