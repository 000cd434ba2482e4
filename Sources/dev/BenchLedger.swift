import Basics
import CLinux
import Ledger
import Usage

/// `dev bench-ledger`: the cost and the capacity of the ledger.
///
///     dev bench-ledger [--turns 2000] [--batch 0.2] [--budget FILE]
///                                                    instructions per turn, by callgrind
///     dev bench-ledger --rate 1000 [--seconds 60] [--burst 5000 --burst-seconds 10]
///                      [--sessions 5000] [--folder DIR]          turns per second, in real time
///
///     dev bench-ledger --talking 5000 [--rate 1000] [--seconds 60]
///                                                    the same from sessions that talk through a proxy
///
/// A turn has the records of a spoken one: fifteen timeline entries, ten of them with words of a
/// transcript, a usage report, a running sum, a start and an end. In the first two, sessions are
/// names whose records are made here, all at once, so that one turn's records are seconds apart.
struct BenchLedger {
    /// Its name in the budget.
    static let course = "ledger"

    private let options: Options
    private let folder: String

    init(_ options: Options) throws {
        let known = [
            "--turns", "--batch", "--rate", "--seconds", "--burst", "--burst-seconds", "--sessions",
            "--folder", "--budget", "--talking",
        ]
        if let stranger = options.unknown(besides: known) {
            throw BenchError("bench-ledger knows no \(stranger)")
        }
        self.options = options
        folder = options.string("--folder") ?? "/tmp/bench-ledger-\(getpid())"
        Files.makeFolder(folder)
    }

    /// Whether nothing was lost and a turn was within its budget.
    func run() throws -> Bool {
        if options.int("--talking") != nil { return try BenchTalking(options).run() }
        if let rate = options.double("--rate") { return try pace(rate) }
        let turns = options.int("--turns") ?? 2000
        let short = try count(turns: turns / 2)
        let long = try count(turns: turns)
        let instructions = (long - short) / Double(turns - turns / 2)
        print("\(fixed(instructions, 0)) instructions a turn")
        guard let file = options.string("--budget") else { return true }
        guard let limit = try Budget(file).limits[Self.course]?.instructions else {
            throw BenchError("\(file) has no \(Self.course)")
        }
        print("of \(fixed(limit, 0))\(instructions <= limit ? "" : ": over")")
        return instructions <= limit
    }

    // MARK: In instructions

    /// The instructions of a process that records this many turns.
    private func count(turns: Int) throws -> Double {
        let result = folder + "/callgrind.out"
        let program = folder + "/counted"
        // Debian's valgrind stops at DWARF 5. Names of functions stay.
        let strip = ["strip", "--strip-debug", "-o", program, Files.executable]
        guard try Child.run(strip, seconds: 60, output: folder + "/strip.log") != nil else {
            throw BenchError("strip failed: \(Files.read(folder + "/strip.log") ?? "")")
        }
        let command = [
            "valgrind", "--quiet", "--tool=callgrind", "--fair-sched=try",
            "--callgrind-out-file=" + result, program, "bench-ledger-writer", "--turns",
            String(turns), "--sessions", String(options.int("--sessions") ?? 1000), "--batch",
            String(options.double("--batch") ?? 0.2), "--folder", folder,
        ]
        guard try Child.run(command, seconds: 900, output: folder + "/count.log") != nil else {
            throw BenchError("counting failed: \(Files.read(folder + "/count.log") ?? "")")
        }
        let lines = (Files.read(result) ?? "").split(separator: "\n")
        for line in lines where line.hasPrefix("totals:") {
            return Double(line.drop { $0 != " " }.dropFirst()) ?? 0
        }
        throw BenchError("callgrind counted nothing")
    }

    /// The counted process: as many records between two transactions as sessions with a turn every
    /// five seconds leave in `--batch` seconds.
    static func write(_ options: Options) throws -> Bool {
        var talk = try Talk(options)
        let turns = options.int("--turns") ?? 1000
        let sessions = Double(options.int("--sessions") ?? 1000)
        let batch = Int(sessions / 5 * (options.double("--batch") ?? 0.2) * Double(Talk.steps))
        var left = turns * Talk.steps
        while left > 0 {
            for _ in 0..<min(batch, left) { talk.leaveNext() }
            left -= batch
            talk.ledger.flush()
        }
        talk.ledger.close()
        return talk.ledger.condition.lost == 0
    }

    // MARK: In real time

    private func pace(_ rate: Double) throws -> Bool {
        var talk = try Talk(options, folder: folder)
        var mostQueued = 0
        func talkOn(_ rate: Double, _ seconds: Double) {
            let begin = Kernel.now
            var left = 0.0
            while true {
                let elapsed = Double(Kernel.now - begin) / 1e9
                guard elapsed < seconds else { return }
                while left < elapsed * rate * Double(Talk.steps) {
                    talk.leaveNext()
                    left += 1
                }
                mostQueued = max(mostQueued, talk.ledger.condition.queued)
                Kernel.sleep(seconds: 0.005)
            }
        }
        let start = ProcessUse([0]).cpu
        talkOn(rate, options.double("--seconds") ?? 60)
        if let burst = options.double("--burst") {
            print(
                "\(talk.turns) turns at \(fixed(rate, 0)) a second: "
                    + "\(talk.ledger.condition.lost) records lost, at most \(mostQueued) waited")
            talkOn(burst, options.double("--burst-seconds") ?? 10)
        }
        let turns = talk.turns
        let cpu = ProcessUse([0]).cpu - start
        let closing = Kernel.now
        talk.ledger.close()
        let condition = talk.ledger.condition
        print(
            "\(turns) turns, \(condition.lost) records lost, at most \(mostQueued) waited, "
                + "\(fixed(cpu / Double(turns) * 1e6, 0)) us of CPU a turn, "
                + "closed in \(fixed(Double(Kernel.now - closing) / 1e9, 2)) s")
        return condition.lost == 0
    }
}

/// Sessions that all talk at once, adding one record each in turn.
private struct Talk {
    let ledger: Ledger
    private let ids: [String]
    private var next = 0
    private let start = WallTime(nanoseconds: tk_wall())

    /// The number of times in a turn at which it leaves records.
    static let steps = 15

    init(_ options: Options, folder: String? = nil) throws {
        let folder = folder ?? options.string("--folder") ?? "/tmp"
        ledger = try Ledger.open(folder + "/ledger-\(getpid()).db").get()
        let sessions = options.int("--sessions") ?? 5000
        ids = (0..<sessions).map { number in
            // Random like real ones, so that neighbours in time are not neighbours in an index.
            let bits = UInt64(number + 1) &* 0x9E37_79B9_7F4A_7C15
            return "\(String(bits, radix: 32))-abcdefghijklmnop".suffix(26).description
        }
        for id in ids {
            ledger.append(.sessionOpened(id: id, tenant: "acme", at: start))
            if ledger.condition.queued > 10_000 { ledger.flush() }
        }
        ledger.flush()
    }

    var turns: Int { next / Self.steps }

    mutating func leaveNext() {
        let id = ids[next % ids.count]
        let step = next / ids.count
        let (turn, part) = (step / Self.steps + 1, step % Self.steps)
        let moment = start + .milliseconds(Int64(step) * 250)
        next += 1
        func event(_ what: String, _ lane: String, _ text: String) -> Record {
            .event(
                Record.Event(
                    session: id, at: moment - start, what: what, lane: lane, text: text))
        }
        switch part {
        case 0: ledger.append(event("activity_started", "client", "activity starts"))
        case 1:
            ledger.append(
                event("activity_ended", "client", "activity ends, 2100 ms of audio"))
        case 2:
            ledger.append(.turnStarted(session: id, number: turn, input: "audio", at: moment))
            ledger.append(event("turn_started", "client", "turn \(turn) asked by audio"))
        case 3...5:
            ledger.append(event("input_transcription", "client", "heard: what is the next"))
        case 6:
            ledger.append(
                event("first_audio", "gemini", "turn \(turn): first sound after 640 ms"))
        case 7...13:
            ledger.append(event("output_transcription", "gemini", "says: The next train to "))
        default:
            // All of these come with the message that ends a turn.
            ledger.append(
                .receipt(
                    session: id, turn: turn, at: moment,
                    json: #"{"promptTokenCount":1250,"responseTokenCount":120,"totalTokenCount":"#
                        + #"1370,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":1250}]}"#))
            ledger.append(.turnUsed(session: id, usage(turn)))
            ledger.append(event("turn_ended", "gemini", "turn \(turn) answered"))
            var record = Record.Turn(
                session: id, input: "audio", started: moment - .seconds(4), ended: moment,
                outcome: "answered", usage: usage(turn))
            record.userText = "what is the next what is the next what is the next"
            record.modelText = "The next train to The next train to The next train to Bern"
            record.inputEnded = record.started
            record.firstAudio = record.started + .milliseconds(640)
            ledger.append(.turnEnded(record))
        }
    }

    private func usage(_ turn: Int) -> TurnUsage {
        var usage = TurnUsage(turn: turn)
        usage.reported.prompt.audio = 1250
        usage.reported.prompt.text = 300
        usage.reported.response.audio = 120
        usage.reported.response.text = 20
        usage.reported.thoughts = 40
        usage.cost = 5210
        usage.priceDate = "2026-10-01"
        usage.reports = 1
        return usage
    }
}
