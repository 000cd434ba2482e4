/// `dev bench-upstream [--certificate FILE --key FILE]`: stands where Gemini stands. It takes
/// sessions on one plaintext and, with a certificate, one TLS port, answers a setup, and answers
/// audio as the setup's instruction says. On the same plaintext port `GET /bench/reset` and
/// `GET /bench/report` begin and end a count of what arrived and how late.
///
/// One thread; prints `plain PORT` and `tls PORT` first.
final class BenchUpstream {
    private final class Session {
        let socket: BenchSocket
        var answers: BenchMessage.Answers?
        var speech: BenchMessage?
        var upgraded = false
        var received = 0
        init(_ socket: BenchSocket) { self.socket = socket }
    }

    private let poller = Poller()
    private let tls: BenchTLS?
    private let plainListener: Int32
    private let tlsListener: Int32?
    private var sessions: [Session?] = []
    private var free: [Int] = []
    private var speeches: [Int: BenchMessage] = [:]
    private var upward = Latencies()
    private var messages = 0
    /// Messages that were not ours: what a proxy sends on its own account.
    private var others = 0
    private var opened = 0

    private static let plainName = 1 << 40
    private static let tlsName = 1 << 41

    init(_ options: Options) throws {
        let plain = try Kernel.listen()
        plainListener = plain.socket
        poller.add(plainListener, name: BenchUpstream.plainName)
        print("plain \(plain.port)")
        if let certificate = options.string("--certificate"), let key = options.string("--key") {
            tls = try BenchTLS(certificate: certificate, key: key)
            let secure = try Kernel.listen()
            tlsListener = secure.socket
            poller.add(secure.socket, name: BenchUpstream.tlsName)
            print("tls \(secure.port)")
        } else {
            tls = nil
            tlsListener = nil
        }
        print("ready")
        flushOutput()
    }

    func run() -> Never {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            for index in 0..<poller.wait(nanoseconds: 1_000_000_000) {
                let ready = poller[index]
                switch ready.name {
                case BenchUpstream.plainName: accept(plainListener, secure: false)
                case BenchUpstream.tlsName: accept(tlsListener ?? -1, secure: true)
                default: serve(ready, &buffer)
                }
            }
        }
    }

    private func accept(_ listener: Int32, secure: Bool) {
        for _ in 0..<64 {
            guard let fd = Kernel.accept(listener) else { return }
            let name = free.popLast() ?? sessions.count
            if name == sessions.count { sessions.append(nil) }
            let stream = secure ? tls?.stream(on: fd) : nil
            let session = Session(BenchSocket(fd, name: name, tls: stream))
            // Sessions answer out of step, as people do.
            session.received = opened * 7
            opened += 1
            sessions[name] = session
            poller.add(fd, name: name)
        }
    }

    private func serve(_ ready: Poller.Readiness, _ buffer: inout [UInt8]) {
        guard let session = sessions[ready.name] else { return }
        let socket = session.socket
        var goesOn = true
        if ready.writable { goesOn = socket.flush(poller) }
        if goesOn, ready.readable {
            goesOn = socket.read(&buffer) { bytes, end in consume(session, bytes, end) }
        }
        if goesOn, !socket.output.isEmpty { goesOn = socket.flush(poller) }
        if !goesOn {
            socket.close(poller)
            sessions[ready.name] = nil
            free.append(ready.name)
        }
    }

    private func consume(_ session: Session, _ bytes: [UInt8], _ end: Int) -> Int {
        var used = 0
        while !session.upgraded,
            let headEnd = BenchHandshake.headEnd(bytes, from: used, to: end)
        {
            answer(session, String(decoding: bytes[used..<headEnd], as: UTF8.self))
            used = headEnd
        }
        let now = Kernel.now
        while session.upgraded, let frame = BenchFrame(bytes, from: used, to: end) {
            used = frame.payload.upperBound
            receive(session, frame, bytes, now)
        }
        return used
    }

    private func answer(_ session: Session, _ head: String) {
        if let key = BenchHandshake.header("sec-websocket-key", in: head) {
            session.upgraded = true
            session.socket.output += BenchHandshake.response(key: key)
            return
        }
        var body = ""
        if head.hasPrefix("GET /bench/reset ") {
            upward.reset()
            messages = 0
            others = 0
        } else if head.hasPrefix("GET /bench/report ") {
            body =
                "messages=\(messages) others=\(others) up_p50=\(upward.microseconds(0.5))"
                + " up_p99=\(upward.microseconds(0.99)) up_p999=\(upward.microseconds(0.999))"
        }
        session.socket.output += Array(
            "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
    }

    private func receive(_ session: Session, _ frame: BenchFrame, _ bytes: [UInt8], _ now: Int64) {
        let socket = session.socket
        switch frame.opcode {
        case BenchFrame.ping:
            socket.output += BenchFrame.encoded(
                BenchFrame.pong, frame.content(bytes), masked: false)
        case BenchFrame.close:
            socket.output += BenchFrame.encoded(
                BenchFrame.close, frame.content(bytes), masked: false)
        case 0, BenchFrame.text, BenchFrame.binary:
            guard let answers = session.answers else { return open(session, frame.content(bytes)) }
            guard let mark = BenchMessage.voice.find(in: bytes, frame),
                let sent = BenchMessage.time(
                    in: bytes, frame, at: mark + BenchMessage.marker.count)
            else {
                others += 1
                return
            }
            upward.record(now - sent)
            messages += 1
            session.received += 1
            if answers.every > 0, session.received % answers.every == 0 {
                speak(session, answers, now, asked: sent)
            }
        default: break
        }
    }

    private func open(_ session: Session, _ message: [UInt8]) {
        guard let answers = BenchMessage.Answers(setup: message) else { return }
        session.answers = answers
        let speech =
            speeches[answers.letters] ?? BenchMessage.speech(letters: answers.letters)
        speeches[answers.letters] = speech
        session.speech = speech
        session.socket.output += BenchMessage.setupComplete
    }

    private func speak(
        _ session: Session, _ answers: BenchMessage.Answers, _ now: Int64, asked: Int64
    ) {
        guard let speech = session.speech else { return }
        for _ in 0..<answers.frames {
            speech.append(to: &session.socket.output, now, asked)
        }
        if answers.end == 1 { session.socket.output += BenchMessage.turnEnd }
    }
}
