import Basics
import CLinux
import WebSocket

// Connections that carry no frames: HTTP bodies that pass through, in either direction.

/// What the owner of a stream hears. Of a dialed one: `connected` once, then bytes, then `ended`
/// once, or `ended` alone. Of an accepted one: bytes, then `ended` once. Nothing after `ended`,
/// `abandon`, `respond` or `finishStream`.
public protocol StreamDelegate: AnyObject {
    func connected(_ connection: Connection)
    /// The bytes are valid until the call returns.
    func received(_ connection: Connection, _ bytes: Span<UInt8>)
    /// Nil where the peer ended the connection in good order.
    func ended(_ connection: Connection, _ failure: ConnectionFailure?)
}

extension EventLoop {
    /// Connects to an upstream without asking for an upgrade: look-up, TCP, TLS. What is asked of
    /// it is the delegate's to send; target, headers and subprotocols of the request are not used.
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
    /// A client whose request is decided on: its owner hears of its end, and nothing is read yet.
    public func attend(_ delegate: any StreamDelegate) {
        guard phase == .deciding else { return }
        stream = delegate
    }

    /// The client's bytes behind its request head, from here on.
    public func startStream() {
        guard phase == .deciding, stream != nil else { return }
        phase = .streaming
        readAgain()
    }

    /// Bytes for the peer, as they are.
    public func send(raw bytes: Span<UInt8>) {
        guard phase == .streaming else { return }
        // SAFETY: the span's memory, for the call, which copies it.
        unsafe bytes.withUnsafeBytes { unsafe backlog.append($0) }
        // No frame begins anywhere: see `boundary`.
        frameRemainder = backlog.count
        if role == .client { arm(loop.patience.stream) }
        stageSelf()
    }

    /// Everything is said: what waits is sent, then the connection ends.
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
        arm(loop.patience.stream)
        updateInterest()
        stream?.connected(self)
    }

    func streamed(_ bytes: Span<UInt8>) {
        if role == .client { arm(loop.patience.stream) }
        stream?.received(self, bytes)
    }

    func streamFinished() {
        let stream = self.stream
        self.stream = nil
        end()
        stream?.ended(self, nil)
    }

    func streamTimedOut() {
        lose(
            ConnectionFailure(
                .timedOut, "nothing came for \(loop.patience.stream.milliseconds / 1000) s"))
    }
}
