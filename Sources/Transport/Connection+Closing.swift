import Basics
import CLinux
import WebSocket

// The ways a connection ends. RFC 6455 section 7: close frames both ways, then the server ends TCP
// first; each wait is limited.

extension Connection {
    /// Sends a close frame and ends the connection when the peer has answered, or after
    /// `Patience.close`. Code 1005 sends an empty one. Frames that a stuck client has not begun to
    /// receive are dropped first. Before the connection is open this is the same as `abandon`.
    public func close(_ code: UInt16, _ reason: String = "") {
        switch phase {
        case .open: phase = .closing
        case .closing where !closeSent: break
        case .accepting, .deciding, .dialing, .upgrading, .refusing, .streaming: return abandon()
        case .answering, .closing, .ending, .dead: return
        }
        closeSent = true
        if wasStuck { dropUnsentFrames() }
        stageFrame(.close, CloseFrame.payload(code: code, reason: reason).span)
        assembly.clear()
        dropPartialMessage()
        setThrottled(false)
        updateInterest()
        arm(loop.patience.close)
        loop.offer(self)
    }

    /// Once we close, the rest of a message is not waited for: the peer's close frame comes after
    /// it, perhaps never.
    private func dropPartialMessage() {
        if awaitedLength > 0 { deafen() }
    }

    /// From now on what the peer sends is read and forgotten.
    func deafen() {
        isDeaf = true
        awaitedLength = 0
        partial.clear()
        endsWhenSent = true
    }

    /// Ends at once and without a close frame; the delegate is not called again.
    public func abandon() {
        delegate = nil
        stream = nil
        acceptor = nil
        end(abruptly: phase != .ending)
    }

    /// Whether nothing is lost if this connection, dispensable `since` then, ends now: what the
    /// peer has sent has been read, and our output has been sent. A peer that has only just
    /// connected, or is in the middle of a TLS handshake, gets a moment to send something, but
    /// never more than a second.
    func isPastHope(since: Instant) -> Bool {
        let silence = tk_silence(registration.fd)
        switch phase {
        case .accepting where silence >= Self.moment: return true
        case .closing where closeSent && backlogCount == 0 && silence > 0: return true
        case .ending where silence > 0: return true
        default: return (silence > 0 || phase != .accepting) && loop.now - since >= .seconds(1)
        }
    }

    /// A round trip on most networks, in milliseconds.
    private static let moment: Int32 = 250

    /// Ends to make room for others. An owner is called, unless it was called already.
    func giveWay() { phase == .accepting ? abandon() : end(abruptly: phase == .answering) }

    /// The peer's close frame.
    func peerClosed(_ code: UInt16, _ reason: String) {
        isDeaf = true
        phase = .closing
        let delegate = self.delegate
        self.delegate = nil
        delegate?.closed(self, code: code, reason: reason)
        if phase == .dead { return }
        close(code, reason)
        endsWhenSent = true
        stageSelf()
        arm(loop.patience.close)
    }

    /// The peer broke the rules: send the close code, and ignore further input.
    func violate(_ violation: Violation) {
        guard phase == .open || phase == .closing else { return }
        let wasOpen = phase == .open
        isDeaf = true
        phase = .closing
        partial.clear()
        assembly.clear()
        awaitedLength = 0
        if wasOpen { delegate?.violated(self, violation) }
        if phase == .dead { return }
        close(violation.closeCode, violation.reason.description)
        endsWhenSent = true
        stageSelf()
    }

    /// Everything has been sent. A server ends TCP; a client leaves that to the server, with a time
    /// limit.
    func finish() {
        phase = .ending
        if role == .server {
            tls?.finish()
            tk_finish(registration.fd)
        }
        arm(loop.patience.close)
        updateInterest()
        loop.offer(self)
    }

    /// The peer's FIN.
    func peerFinished() {
        switch phase {
        case .refusing: finishRefusal()
        case .ending: end()
        case .streaming: streamFinished()
        default: lose(ConnectionFailure(.ended, "the peer ended the connection"))
        }
    }

    /// The connection broke, or its peer left prematurely.
    func lose(_ failure: ConnectionFailure) { end(failure) }

    /// The only way to the end: frees everything but the object, and calls the owner.
    func end(_ failure: ConnectionFailure? = nil, abruptly: Bool = false) {
        let last = phase
        if last == .dead { return }
        phase = .dead
        loop.close(registration.stop(on: loop), abruptly: abruptly)
        dialer?.cancel()
        dialer = nil
        timer = nil
        vigil = nil
        isUnwatched = false
        tls = nil
        partial.clear()
        assembly.clear()
        backlog.clear()
        runCount = 0
        loop.connectionCount -= 1
        source = nil
        let (delegate, stream, acceptor) = (self.delegate, self.stream, self.acceptor)
        self.delegate = nil
        self.stream = nil
        self.acceptor = nil
        let failure = failure ?? ConnectionFailure(.ended, "closed")
        switch last {
        case .accepting: acceptor?.dismissed(self, failure)
        case .deciding:
            if let delegate {
                delegate.failed(self, failure)
            } else if let stream {
                stream.ended(self, failure)
            } else {
                acceptor?.dismissed(self, failure)
            }
        case .dialing, .upgrading, .refusing:
            delegate?.failed(self, failure)
            stream?.ended(self, failure)
        case .streaming: stream?.ended(self, failure)
        case .open, .closing, .ending:
            let reason = failure.kind == .timedOut ? failure.description : ""
            delegate?.closed(self, code: 1006, reason: reason)
        case .answering, .dead: break
        }
    }

    /// The message of the system or of TLS for the last failure.
    func failureText(_ operation: String) -> String {
        if let tls { return "\(operation): \(tls.failure)" }
        let code = tk_socket_error(registration.fd)
        return "\(operation): \(code == 0 ? "connection reset" : SystemError.text(code))"
    }
}
