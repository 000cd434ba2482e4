import Basics
import CLinux
import COpenSSL
public import WebSocket

// Accepting a client: plaintext or TLS, the request head, the answer.

extension Connection {
    /// A client's socket, just accepted by the listener.
    convenience init(
        accepted fd: Int32, from peer: SocketAddress, by acceptor: any Acceptor,
        _ security: ListenerSecurity, mayBeIntroduced: Bool, on loop: EventLoop
    ) {
        self.init(role: .server, phase: .accepting, loop: loop, limits: ConnectionLimits())
        Descriptors.becameSilent()
        peerAddress = peer
        self.acceptor = acceptor
        self.security = security
        self.mayBeIntroduced = mayBeIntroduced
        scanner = HeadScanner()
        arm(loop.patience.request)
        if !registration.start(self, fd: fd, events: tk_in, on: loop) {
            end(ConnectionFailure(.connect, "epoll_ctl: \(SystemError.text(tk_errno()))"))
        }
        loop.offer(self)
    }

    /// Determines from the first byte whether the client uses TLS: a handshake record begins with
    /// 16 hex, no HTTP method does. False if that is not possible yet, or no longer.
    func decideSecurity() -> Bool {
        if mayBeIntroduced, !takeIntroduction() { return false }
        switch security {
        case .plaintext: return true
        case .tls(let tls): startTLS(tls)
        case .either(let tls):
            var first: UInt8 = 0
            // SAFETY: one byte into a local variable, during the call.
            let count = unsafe tk_receive(registration.fd, &first, 1, Int32(MSG_PEEK))
            if count == 1, first != 0x16 {
                security = .plaintext
                return true
            }
            guard count == 1 else {
                if count != -Int(EAGAIN) { peerFinished() }
                return false
            }
            startTLS(tls)
        }
        return false
    }

    /// Reads the PROXY header, if there is one, and not a byte beyond it, because TLS needs the
    /// rest. False if the header is incomplete or refused. Each byte is read once, into `partial`.
    private func takeIntroduction() -> Bool {
        let buffer = unsafe loop.buffer
        let kept = partial.count
        // SAFETY: the loop's buffer is used by one read at a time, on this thread; `partial` holds
        // less than `ProxyHeader.longest`, and the buffer is larger.
        let room = unsafe UnsafeMutableRawBufferPointer(
            rebasing: buffer[kept..<ProxyHeader.longest])
        let count = unsafe tk_receive(
            registration.fd, room.baseAddress, room.count, Int32(MSG_PEEK))
        guard count > 0 else {
            if count != -Int(EAGAIN) { peerFinished() }
            return false
        }
        if kept > 0, let base = buffer.baseAddress, let from = unsafe partial.bytes.baseAddress {
            unsafe base.copyMemory(from: from, byteCount: kept)
        }
        let verdict = unsafe ProxyHeader.read(
            span(UnsafeMutableRawBufferPointer(rebasing: buffer[..<(kept + count)])))
        switch verdict {
        case .absent:
            mayBeIntroduced = false
            guard kept > 0 else { return true }
            // The bytes already read cannot begin a TLS handshake.
            if case .tls = security {
                lose(ConnectionFailure(.tls, "neither a PROXY header nor TLS"))
                return false
            }
            security = .plaintext
            return true
        case .incomplete:
            let taken = unsafe tk_receive(registration.fd, room.baseAddress, count, 0)
            guard taken > 0 else { return false }
            self.count(received: taken)
            unsafe partial.append(
                UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<taken]))
            return false
        case .complete(let length, let source):
            _ = unsafe tk_receive(registration.fd, room.baseAddress, length - kept, 0)
            self.count(received: length - kept)
            mayBeIntroduced = false
            partial.clear()
            if let source { peerAddress = source }
            return true
        case .malformed(let reason):
            partial.clear()
            refuse(HeadError(400, "malformed PROXY header: \(reason)"))
            return false
        }
    }

    private func startTLS(_ tls: ServerTLS) {
        security = .plaintext
        self.tls = TLSSession(accepting: registration.fd, tls)
        guard self.tls != nil else { return lose(ConnectionFailure(.tls, "no memory for TLS")) }
        continueHandshake()
    }

    /// The TLS handshake, in either role.
    func continueHandshake() {
        guard let tls else { return }
        lastReceived = loop.now
        isBlocked = false
        switch tls.handshake() {
        case .done:
            updateInterest()
            if role == .client { sendUpgrade() } else { readable() }
        case .wantsRead: updateInterest()
        case .wantsWrite:
            isBlocked = true
            updateInterest()
        case .end, .failed:
            let upstream = dial.map { "\($0.endpoint): " } ?? ""
            lose(ConnectionFailure(.tls, "\(upstream)TLS: \(tls.failure)"))
        }
    }

    // MARK: The request

    func takeRequest(_ bytes: Span<UInt8>) -> Int {
        guard scanner != nil else { return 0 }
        do {
            guard let head = try RequestHead.parse(bytes, resuming: &scanner!) else { return 0 }
            request(head)
            return head.length
        } catch {
            let error =
                ProxyHeader.begins(bytes)
                ? HeadError(400, "a PROXY header from an address that --balancers does not list")
                : error
            refuse(error)
            return bytes.count
        }
    }

    private func request(_ head: RequestHead) {
        asksForHead = head.method == "HEAD"
        beginDeciding()
        do throws(HeadError) {
            let request = try Upgrade.validate(head)
            upgradeKey = request.key
            acceptor?.requested(self, .upgrade(request))
        } catch {
            acceptor?.requested(self, .plain(head, error))
        }
    }

    private func refuse(_ error: HeadError) {
        beginDeciding()
        acceptor?.malformed(self, error)
    }

    private func beginDeciding() {
        scanner = nil
        timer?.disarm()
        phase = .deciding
        updateInterest()
    }

    func requestTimedOut() {
        if let tls, tls.isHandshaking {
            return lose(ConnectionFailure(.timedOut, "no TLS handshake in time"))
        }
        refuse(HeadError(408, "the request head did not arrive in time"))
    }

    // MARK: The answer

    /// Answers an upgrade with 101, with `headers` added; from here on messages flow.
    public func accept(subprotocol: String? = nil, headers: [HeaderField] = []) {
        guard phase == .deciding, !upgradeKey.isEmpty else { return }
        let input = Upgrade.acceptInput(key: upgradeKey)
        stageHead(
            Upgrade.response(
                accept: Upgrade.accept(digest: sha1(input)), subprotocol: subprotocol,
                extraHeaders: headers))
        acceptor = nil
        upgradeKey = ""
        phase = .open
        readAgain()
    }

    /// Answers a request with anything but 101, and ends the connection. `Content-Type` is JSON
    /// unless `headers` contain one. The delegate is not called again.
    public func respond(status: UInt16, headers: [HeaderField] = [], body: [UInt8]) {
        guard phase == .deciding || phase == .streaming && role == .server else { return }
        answer(status: status, headers: headers, body: body)
    }

    private func answer(status: UInt16, headers: [HeaderField], body: [UInt8]) {
        var headers = headers
        if !body.isEmpty, !headers.contains(where: { $0.isNamed("Content-Type") }),
            let json = HeaderField("Content-Type", "application/json")
        {
            headers.append(json)
        }
        delegate = nil
        stream = nil
        acceptor = nil
        phase = .answering
        endsWhenSent = true
        let response = Refusal.response(status: status, fields: headers, body: body)
        stageHead(asksForHead ? Array(response.dropLast(body.count)) : response)
        arm(loop.patience.request)
        updateInterest()
        loop.offer(self)
    }
}

/// Whether a listener's clients use TLS.
public enum ListenerSecurity: Sendable {
    case plaintext
    case tls(ServerTLS)
    /// Determined by the first byte.
    case either(ServerTLS)
}

func sha1(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 20)
    // SAFETY: `digest` has the 20 bytes that are written.
    _ = unsafe SHA1(bytes, bytes.count, &digest)
    return digest
}
