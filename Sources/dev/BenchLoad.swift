/// `dev bench-load`: the clients. It opens sessions through a proxy (or straight to the upstream),
/// exchanges the setup, and then does one of three things:
///
/// - `--mode voice`: every session sends a 20 ms piece of audio `--rate` times a second, each at a
///   moment of its own; the stamp is the moment the piece was due, so that a late generator shows.
/// - `--mode window`: every session keeps `--window` messages unanswered; as fast as it goes.
/// - `--mode idle`: nothing more; the memory of the proxy is read.
///
/// One thread; prints one line of `key=value`.
final class BenchLoad {
    private final class Session {
        let socket: BenchSocket
        var upgraded = false
        var ready = false
        init(_ socket: BenchSocket) { self.socket = socket }
    }

    private let options: Options
    private let port: UInt16
    private let control: UInt16
    private let count: Int
    private let proxies: [Int32]
    private let upstream: [Int32]
    private let answers: BenchMessage.Answers
    private let window: Int
    private let poller = Poller()
    private var sessions: [Session] = []
    private var buffer = [UInt8](repeating: 0, count: 1 << 18)
    private var opened = 0
    private var died = 0
    private var measuring = false
    private var isLeaving = false
    private var sent = 0
    private var received = 0
    private var receivedBytes = 0
    private var downward = Latencies()
    private var round = Latencies()
    private var lag: Int64 = 0
    private let speech: BenchMessage

    static let known = [
        "--mode", "--port", "--control", "--sessions", "--rate", "--window", "--warm", "--seconds",
        "--messages", "--proxies", "--upstream", "--every", "--frames", "--letters", "--end",
        "--admin", "--scrapes", "--stint", "--policies", "--log", "--reloads",
        "--reload",
    ]

    init(_ options: Options) throws {
        if let stranger = options.unknown(besides: BenchLoad.known) {
            throw BenchError("bench-load knows no \(stranger)")
        }
        guard let port = options.int("--port").flatMap(UInt16.init(exactly:)),
            let control = options.int("--control").flatMap(UInt16.init(exactly:))
        else { throw BenchError("bench-load needs --port and --control") }
        self.options = options
        self.port = port
        self.control = control
        count = options.int("--sessions") ?? 200
        proxies = (options.list("--proxies") ?? []).compactMap { Int32($0) }
        upstream = (options.list("--upstream") ?? []).compactMap { Int32($0) }
        window = options.string("--mode") == "window" ? options.int("--window") ?? 8 : 0
        let usual: BenchMessage.Answers = window > 0 ? .echo : .voice
        answers = BenchMessage.Answers(
            every: options.int("--every") ?? usual.every,
            frames: options.int("--frames") ?? usual.frames,
            letters: options.int("--letters") ?? usual.letters,
            end: options.int("--end") ?? usual.end)
        speech = BenchMessage.speech(letters: answers.letters)
    }

    func run() throws {
        let before = ProcessUse(proxies)
        let started = Kernel.now
        try open()
        let connecting = Double(Kernel.now - started) / 1e9
        switch options.string("--mode") ?? "voice" {
        case "idle":
            idle(before, connecting)
        case "voice":
            if let messages = options.int("--messages") {
                try send(messages: messages)
            } else {
                try measure()
            }
        case "window":
            try measure()
        case let mode:
            throw BenchError("bench-load knows no mode \(mode)")
        }
    }

    // MARK: Opening

    private func open() throws {
        // Under callgrind a session takes ten milliseconds.
        let deadline = Kernel.now + 60_000_000_000 + Int64(count) * 20_000_000
        while opened < count {
            guard Kernel.now < deadline else {
                throw BenchError("only \(opened) of \(count) sessions opened in time")
            }
            while sessions.count < count, sessions.count - opened < opening { try dial() }
            turn(wait: 100_000_000)
            guard died == 0 else { throw BenchError("a session died while opening") }
        }
    }

    /// How many may be on their way in at once. For a count one after another, so that every run
    /// has one whole TLS handshake with the upstream and resumes it for the rest.
    private var opening: Int { options.int("--messages") == nil ? 64 : 1 }

    private func dial() throws {
        guard let fd = Kernel.connect(port: port) else { throw Kernel.error("connecting") }
        let session = Session(BenchSocket(fd, name: sessions.count))
        sessions.append(session)
        poller.add(fd, name: session.socket.name)
        session.socket.output += BenchHandshake.request(port: port)
        _ = session.socket.flush(poller)
    }

    // MARK: Running

    /// One wait and what it brings.
    private func turn(wait: Int64) {
        for index in 0..<poller.wait(nanoseconds: wait) {
            let ready = poller[index]
            let session = sessions[ready.name]
            let socket = session.socket
            var goesOn = socket.isOpen
            if goesOn, ready.writable { goesOn = socket.flush(poller) }
            if goesOn, ready.readable {
                goesOn = socket.read(&buffer) { bytes, end in consume(session, bytes, end) }
            }
            if goesOn, !socket.output.isEmpty { goesOn = socket.flush(poller) }
            if !goesOn { bury(session) }
        }
    }

    private func bury(_ session: Session, _ reason: String = "its connection ended") {
        guard session.socket.isOpen else { return }
        defer { session.socket.close(poller) }
        guard !isLeaving else { return }
        died += 1
        // One line tells what a thousand would.
        if died == 1 { print("session \(session.socket.name) died: \(reason)") }
    }

    private func consume(_ session: Session, _ bytes: [UInt8], _ end: Int) -> Int {
        var used = 0
        if !session.upgraded {
            guard let headEnd = BenchHandshake.headEnd(bytes, from: 0, to: end) else { return 0 }
            let head = String(decoding: bytes[..<headEnd], as: UTF8.self)
            guard head.hasPrefix("HTTP/1.1 101 ") else {
                bury(session, "the answer was \(head.prefix { $0 != "\r\n" })")
                return end
            }
            session.upgraded = true
            session.socket.output += BenchMessage.setup(answers)
            used = headEnd
        }
        let now = Kernel.now
        while let frame = BenchFrame(bytes, from: used, to: end) {
            used = frame.payload.upperBound
            receive(session, frame, bytes, now)
        }
        return used
    }

    private func receive(_ session: Session, _ frame: BenchFrame, _ bytes: [UInt8], _ now: Int64) {
        switch frame.opcode {
        case BenchFrame.ping:
            session.socket.output += BenchFrame.encoded(
                BenchFrame.pong, frame.content(bytes), masked: true)
        case BenchFrame.close:
            let content = frame.content(bytes)
            let code = content.prefix(2).reduce(0) { $0 << 8 | Int($1) }
            let words = String(decoding: content.dropFirst(2), as: UTF8.self)
            bury(session, "closed \(code) \(words)")
        case 0, BenchFrame.text, BenchFrame.binary:
            guard session.ready else {
                session.ready = true
                opened += 1
                return
            }
            if measuring {
                received += 1
                receivedBytes += frame.payload.count
            }
            guard let mark = speech.find(in: bytes, frame) else { return }
            let stamps = mark + BenchMessage.marker.count
            if measuring {
                if let spoken = BenchMessage.time(in: bytes, frame, at: stamps),
                    let asked = BenchMessage.time(
                        in: bytes, frame, at: stamps + BenchMessage.digits)
                {
                    downward.record(now - spoken)
                    round.record(now - asked)
                }
            }
            if window > 0 { say(session, now) }
        default: break
        }
    }

    private func say(_ session: Session, _ due: Int64) {
        guard session.socket.isOpen else { return }
        BenchMessage.voice.append(to: &session.socket.output, due)
        if measuring { sent += 1 }
    }

    // MARK: Measuring

    /// What has been used up to a moment.
    private struct Reading {
        let time = Kernel.now
        let proxy: ProcessUse
        let own: ProcessUse
        /// Seconds of CPU that everything on the machine has used.
        let machine = ProcessUse.machine
    }

    private func reading() -> Reading {
        Reading(proxy: ProcessUse(proxies), own: ProcessUse(upstream + [0]))
    }

    private func measure() throws {
        let start = Kernel.now
        let begins = start + Int64((options.double("--warm") ?? 1.5) * 1e9)
        let ends = begins + Int64((options.double("--seconds") ?? 5) * 1e9)
        let controller = try Controller(control)
        var before: Reading?
        var pieces = Pace(
            start: start, step: 1e9 / ((options.double("--rate") ?? 50) * Double(count)))
        if window > 0 {
            for session in sessions {
                for _ in 0..<window { say(session, Kernel.now) }
                if !session.socket.flush(poller) { bury(session) }
            }
        }
        while true {
            let now = Kernel.now
            if !measuring, now >= begins {
                controller.reset()
                before = reading()
                measuring = true
            }
            if now >= ends { break }
            guard window == 0 else {
                turn(wait: 1_000_000)
                continue
            }
            while pieces.due <= now {
                if measuring { lag = max(lag, now - pieces.due) }
                speakUp(sessions[pieces.number % count], pieces.due)
                pieces.number += 1
            }
            turn(wait: min(pieces.due - Kernel.now, 1_000_000))
        }
        measuring = false
        guard let before else { throw BenchError("the measurement was too short") }
        show(before, reading(), try controller.report())
    }

    /// An even pace: when each piece of audio is due.
    private struct Pace {
        let start: Int64
        /// Nanoseconds from one piece to the next, of whichever session.
        let step: Double
        var number = 0
        var due: Int64 { start + Int64(Double(number) * step) }
    }

    private func show(_ before: Reading, _ after: Reading, _ report: String) {
        let seconds = Double(after.time - before.time) / 1e9
        let forwarded = Double(sent + received)
        let proxy = after.proxy.cpu - before.proxy.cpu
        let own = after.own.cpu - before.own.cpu
        let others = after.machine - before.machine - proxy - own
        printLine(
            [
                ("seconds", seconds), ("up", Double(sent)), ("down", Double(received)),
                ("rate", forwarded / seconds), ("down_mb_s", Double(receivedBytes) / seconds / 1e6),
                ("cpu", proxy / forwarded * 1e6),
                ("user", (after.proxy.user - before.proxy.user) / forwarded * 1e6),
                ("sys", (after.proxy.system - before.proxy.system) / forwarded * 1e6),
                ("busy", proxy / seconds), ("load_busy", own / seconds),
                ("others_busy", max(0, others / seconds)),
                ("resident", Double(after.proxy.resident)), ("died", Double(died)),
                ("lag_us", Double(lag) / 1000), ("down_p50", downward.microseconds(0.5)),
                ("down_p99", downward.microseconds(0.99)),
                ("down_p999", downward.microseconds(0.999)), ("rtt_p50", round.microseconds(0.5)),
                ("rtt_p99", round.microseconds(0.99)), ("rtt_p999", round.microseconds(0.999)),
            ], report)
    }

    private func speakUp(_ session: Session, _ due: Int64) {
        say(session, due)
        if !session.socket.flush(poller) { bury(session) }
    }

    /// Sends so many messages at an even pace and waits for what they are answered with: for
    /// counting instructions, where the number is what matters and not the time.
    private func send(messages: Int) throws {
        let rate = (options.double("--rate") ?? 50) * Double(count)
        let controller = try Controller(control)
        controller.reset()
        var pieces = Pace(start: Kernel.now, step: 1e9 / rate)
        measuring = true
        while pieces.number < messages {
            while Kernel.now < pieces.due { turn(wait: pieces.due - Kernel.now) }
            speakUp(sessions[speaker(pieces.number)], pieces.due)
            pieces.number += 1
        }
        // Each session's last message is answered: see `BenchInstructions.Course`.
        let asked = answers.every > 0 ? sent / answers.every : 0
        let due = asked * (answers.frames + answers.end)
        var report = try controller.report()
        let deadline = Kernel.now + 30_000_000_000
        while Kernel.now < deadline, received < due || arrived(report) < sent {
            turn(wait: 20_000_000)
            report = try controller.report()
        }
        try scrape()
        try reload()
        leave()
        printLine(
            [("up", Double(sent)), ("down", Double(received)), ("died", Double(died))], report)
    }

    /// Whose turn a message is: see `BenchInstructions.Course.stint`.
    private func speaker(_ number: Int) -> Int {
        guard let stint = options.int("--stint") else { return number % count }
        let (round, place) = number.quotientAndRemainder(dividingBy: 10 * stint)
        return (round * 10 + place % 10) % count
    }

    /// So often, one after another, while the sessions are there: each edits the policy that they
    /// have, and is over when the proxy's log says so.
    private func reload() throws {
        guard let folder = options.string("--policies"), let log = options.string("--log"),
            let old = Files.read(folder + "/default.yaml"),
            let reload = options.string("--reload").flatMap(BenchReload.init)
        else { return }
        for number in 0..<(options.int("--reloads") ?? 0) {
            try Files.replace(folder + "/default.yaml", reload.edited(old, number))
            let deadline = Kernel.now + 20_000_000_000
            while (Files.read(log) ?? "").matches(of: /policies reloaded/).count <= number {
                guard Kernel.now < deadline else { throw BenchError("no reload: see \(log)") }
                turn(wait: 20_000_000)
            }
        }
    }

    /// So often, one after another, while the sessions are there.
    private func scrape() throws {
        guard let admin = options.int("--admin").flatMap(UInt16.init(exactly:)) else { return }
        for _ in 0..<(options.int("--scrapes") ?? 0) { _ = try BenchPage.read(port: admin) }
    }

    private func arrived(_ report: String) -> Int {
        Int(resultLine("result " + report)?["messages"] ?? 0)
    }

    /// Closes properly. A proxy waits for clients that vanish, and acts for clients that fall
    /// silent; both cost it extra messages, and their number varies.
    private func leave() {
        isLeaving = true
        for session in sessions where session.socket.isOpen {
            session.socket.output += BenchFrame.encoded(
                BenchFrame.close, [0x03, 0xE8], masked: true)
            if !session.socket.flush(poller) { bury(session) }
        }
        let deadline = Kernel.now + 5_000_000_000
        while Kernel.now < deadline, sessions.contains(where: \.socket.isOpen) {
            turn(wait: 50_000_000)
        }
    }

    private func idle(_ before: ProcessUse, _ connecting: Double) {
        let settled = Kernel.now + Int64((options.double("--warm") ?? 1) * 1e9)
        while Kernel.now < settled { turn(wait: 50_000_000) }
        let after = ProcessUse(proxies)
        let quiet = Kernel.now + Int64((options.double("--seconds") ?? 1) * 1e9)
        while Kernel.now < quiet { turn(wait: 50_000_000) }
        let later = ProcessUse(proxies)
        printLine(
            [
                ("sessions", Double(count)), ("connecting", connecting),
                ("resident_before", Double(before.resident)),
                ("resident", Double(after.resident)),
                ("per_session", Double(after.resident - before.resident) / Double(count)),
                ("idle_cpu", (later.cpu - after.cpu) / (options.double("--seconds") ?? 1)),
                ("died", Double(died)),
            ], "")
    }

    private func printLine(_ pairs: [(String, Double)], _ more: String) {
        let text = pairs.map { "\($0.0)=\($0.1)" }.joined(separator: " ")
        print("result \(text) \(more)")
        flushOutput()
    }
}

/// Speaks to the upstream's control port over one blocking exchange at a time.
final class Controller {
    private let port: UInt16
    private let fd: Int32

    init(_ port: UInt16) throws {
        self.port = port
        guard let fd = Kernel.connect(port: port) else { throw Kernel.error("control port") }
        self.fd = fd
    }

    deinit { Kernel.close(fd) }

    /// Begins a count; nothing is waited for.
    func reset() { ask("reset") }

    func report() throws -> String {
        ask("report")
        var text = [UInt8](repeating: 0, count: 8192)
        var end = 0
        let deadline = Kernel.now + 10_000_000_000
        while Kernel.now < deadline {
            let count = Kernel.receive(fd, into: &text, at: end)
            if count > 0 { end += count }
            if count == Kernel.ended { break }
            let all = String(decoding: text[..<end], as: UTF8.self)
            // Both answers may come at once; the report is the one with a body.
            if let body = all.split(separator: "\r\n").last, body.hasPrefix("messages=") {
                return String(body)
            }
            Kernel.sleep(seconds: 0.001)
        }
        throw BenchError("the upstream gives no report")
    }

    private func ask(_ what: String) {
        let request = Array("GET /bench/\(what) HTTP/1.1\r\nHost: bench\r\n\r\n".utf8)
        _ = Kernel.send(fd, request, from: 0, to: request.count)
    }
}
