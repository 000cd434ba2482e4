import Basics
import CLinux
import WebSocket

// The connection to gemini: the dialer's socket, TLS, the upgrade.

/// An answer other than 101 while its body arrives.
struct PendingRefusal {
    var status: UInt16
    var headers: HeaderFields
    var body: BodyReader
}

extension EventLoop {
    /// Connects to an upstream: look-up, TCP, TLS, upgrade. Returns the connection at once; its
    /// delegate's `opened`, `refused` or `failed` is called later, never before this returns.
    public func dial(_ request: DialRequest, delegate: any ConnectionDelegate) -> Connection {
        let connection = Connection(
            role: .client, phase: .dialing, loop: self, limits: request.limits)
        connection.delegate = delegate
        connection.dial = request
        connection.arm(request.timeout)
        let dialer = Dialer(request.endpoint, for: connection, on: self)
        connection.dialer = dialer
        dialer.start()
        return connection
    }
}

extension Connection {
    /// The dialer has connected.
    func connected(_ fd: Int32, _ address: SocketAddress) {
        guard let dial, phase == .dialing else { return loop.close(fd) }
        dialer = nil
        peerAddress = address
        phase = .upgrading
        scanner = HeadScanner()
        guard registration.start(self, fd: fd, events: tk_in, on: loop) else {
            return lose(ConnectionFailure(.connect, "epoll_ctl: \(SystemError.text(tk_errno()))"))
        }
        guard dial.endpoint.isSecure else { return sendUpgrade() }
        tls = dial.tls.flatMap { trust in
            TLSSession(
                connecting: fd, trust, host: dial.endpoint.host,
                resuming: loop.sessions.session(trust, dial.endpoint))
        }
        guard tls != nil else {
            return lose(ConnectionFailure(.tls, "\(dial.endpoint): no TLS for this host"))
        }
        continueHandshake()
    }

    func dialTimedOut() {
        guard let dial else { return }
        let stage =
            phase == .dialing
            ? dialer?.stage ?? "connecting"
            : tls?.isHandshaking == true ? "TLS handshake" : "waiting for the upgrade's answer"
        lose(
            ConnectionFailure(
                .timedOut, "\(dial.endpoint): \(stage) took over \(dial.timeout.milliseconds) ms"))
    }

    func sendUpgrade() {
        if stream != nil { return streamConnected() }
        guard let dial else { return }
        upgradeKey = Upgrade.key(nonce: loop.entropy.bytes(16))
        do throws(HeadError) {
            let head = try Upgrade.request(
                target: dial.target, host: dial.endpoint.authority, key: upgradeKey,
                headers: dial.headers, subprotocols: dial.subprotocols)
            stageHead(head)
        } catch {
            lose(ConnectionFailure(.malformed, "our own upgrade request: \(error.reason)"))
        }
    }

    func takeAnswer(_ bytes: Span<UInt8>) -> Int {
        guard let dial, scanner != nil else { return 0 }
        do throws(HeadError) {
            guard let head = try ResponseHead.parse(bytes, resuming: &scanner!) else { return 0 }
            let digest = sha1(Upgrade.acceptInput(key: upgradeKey))
            let answer = try Upgrade.validate(
                head, accept: Upgrade.accept(digest: digest), offered: dial.subprotocols)
            switch answer {
            case .interim: scanner = HeadScanner()
            case .accepted(let subprotocol): open(dial, subprotocol)
            case .refused(let status, let headers, let framing):
                refusal = PendingRefusal(
                    status: status, headers: headers, body: BodyReader(framing))
                phase = .refusing
                if refusal?.body.isComplete == true { finishRefusal() }
            }
            return head.length
        } catch {
            lose(ConnectionFailure(.malformed, "\(dial.endpoint): \(error.reason)"))
            return bytes.count
        }
    }

    private func open(_ dial: DialRequest, _ subprotocol: String?) {
        // The tickets of TLS 1.3 come before the first answer, so they have arrived by now.
        if let trust = dial.tls, let session = tls?.storeSession() {
            loop.sessions.store(session, trust, dial.endpoint)
        }
        self.dial = nil
        isUnwatched = dial.mustAcknowledge
        scanner = nil
        upgradeKey = ""
        timer?.disarm()
        phase = .open
        delegate?.opened(self, subprotocol: subprotocol)
    }

    func takeRefusalBody(_ bytes: Span<UInt8>) -> Int {
        // A malformed body ends at the error; status and headers suffice.
        let isLegal = (try? refusal?.body.feed(bytes)) != nil
        if !isLegal || refusal?.body.isComplete == true { finishRefusal() }
        return bytes.count
    }

    func finishRefusal() {
        guard let refusal, phase == .refusing else { return }
        let delegate = self.delegate
        self.delegate = nil
        end()
        delegate?.refused(
            self,
            UpgradeRefusal(
                status: refusal.status, headers: refusal.headers, body: refusal.body.bytes))
    }
}

extension Endpoint: CustomStringConvertible {
    private var isDefaultPort: Bool { port == (isSecure ? 443 : 80) }
    private var bracketed: String { host.contains(":") ? "[\(host)]" : host }

    /// The value of `Host`: with the port only if it is not the scheme's default.
    public var authority: String { isDefaultPort ? bracketed : "\(bracketed):\(port)" }

    public var description: String { "\(bracketed):\(port)" }
}
