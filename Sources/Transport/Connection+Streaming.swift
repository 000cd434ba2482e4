import Basics
import CLinux
import WebSocket

// Connections without frames: HTTP bodies that are forwarded in either direction.

/// The events of a stream. For a dialed one: `connected` once, then bytes, then `ended` once, or
/// only `ended`. For an accepted one: bytes, then `ended` once. Nothing after `ended`, `abandon`,
/// `respond` or `finishStream`.
public protocol StreamDelegate: AnyObject {
    func connected(_ connection: Connection)
    /// The bytes are valid until the call returns.
    func received(_ connection: Connection, _ bytes: Span<UInt8>)
    /// Nil if the peer ended the connection properly.
    func ended(_ connection: Connection, _ failure: ConnectionFailure?)
    /// Memory that grows with what is read from the connection, as far as its peer can influence
    /// it.
    func heldBytes(behind connection: Connection) -> Int
}

extension StreamDelegate {
    public func heldBytes(behind connection: Connection) -> Int { 0 }
}

extension EventLoop {
    /// Connects to an upstream without an upgrade: look-up, TCP, TLS. The delegate sends the
    /// request; the target, headers and subprotocols in `request` are not used.
    public func dial(stream request: DialRequest, delegate: any StreamDelegate) -> Connection {
        let connection = Connection(
            role: .client, phase: .dialing, loop: self, limits: request.limits)
        connection.stream = delegate
        connection.dial = request
        connection.arm(request.timeout)
        let dialer = Dialer(request.endpoint, for: connection, on: self)
        connection.dialer = dialer
        dialer.start()
        return connection
    }
}

extension Connection {
    /// For a client whose request has been decided on: `delegate` learns of its end; nothing is
    /// read yet.
    public func attend(_ delegate: any StreamDelegate) {
        guard phase == .deciding else { return }
        stream = delegate
    }

    /// From here on, the client's bytes after its request head.
    public func startStream() {
        guard phase == .deciding, stream != nil else { return }
        phase = .streaming
        readAgain()
    }

    /// Sends bytes to the peer unchanged.
    public func send(raw bytes: Span<UInt8>) {
        guard phase == .streaming else { return }
        // SAFETY: the span's memory, during the call, which copies it.
        unsafe bytes.withUnsafeBytes { unsafe backlog.append($0) }
        // There are no frame boundaries: see `boundary`.
        frameRemainder = backlog.count
        stageSelf()
    }

    /// Nothing more will be sent: what waits is sent, then the connection ends.
    public func finishStream() {
        guard phase == .streaming else { return }
        stream = nil
        source = nil
        phase = .answering
        endsWhenSent = true
        stageSelf()
        arm(loop.patience.stream)
        updateInterest()
    }

    func streamConnected() {
        dial = nil
        scanner = nil
        phase = .streaming
        timer?.disarm()
        updateInterest()
        stream?.connected(self)
    }

    func streamed(_ bytes: Span<UInt8>) { stream?.received(self, bytes) }

    func streamFinished() {
        let stream = self.stream
        self.stream = nil
        end()
        stream?.ended(self, nil)
    }
}
