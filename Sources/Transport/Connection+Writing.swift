import Basics
import CLinux
public import WebSocket

// From messages to bytes. Output is staged and sent at the end of the read, or of the batch.

extension Connection {
    /// The most that TLS accepts at once (a record's length).
    private static let longestRecord = 16 << 10

    /// Forwards a message: as the received bytes if it was one frame, otherwise as one new frame.
    public func forward(_ message: borrowing IncomingMessage) {
        guard phase == .open else { return }
        let frame = message.frame
        // A frame can be reused only if it came from a connection of the other role.
        guard frame.count >= 2, (frame[1] & 0x80 != 0) == (role == .client) else {
            return send(message.payload, as: message.opcode)
        }
        // SAFETY: the frame is in memory that its reader keeps until it has flushed every staged
        // connection, including this one.
        unsafe frame.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            if !backlog.isEmpty {
                unsafe backlog.append(bytes)
            } else if runCount > 0, let runStart = unsafe runStart,
                unsafe runStart + runCount == start
            {
                runCount += bytes.count
                return
            } else {
                flushRun()
                if !backlog.isEmpty || isBlocked {
                    unsafe backlog.append(bytes)
                } else {
                    unsafe runStart = start
                    runCount = bytes.count
                }
            }
            stageSelf()
        }
    }

    /// Sends a message of our own. `opcode` is `.text` or `.binary`.
    public func send(_ payload: Span<UInt8>, as opcode: FrameOpcode) {
        guard phase == .open else { return }
        stageFrame(opcode, payload)
    }

    /// Sends a ping; `ponged` reports the answer.
    public func ping() {
        guard phase == .open else { return }
        pingPayload = UInt64(loop.entropy.next()) << 32 | UInt64(loop.entropy.next())
        pingSent = loop.now
        let payload = (0..<8).map { UInt8(truncatingIfNeeded: pingPayload >> (56 - 8 * $0)) }
        stageFrame(.ping, payload.span)
    }

    /// Answers a ping. While nothing can be sent, only the newest is remembered, and answered once
    /// there is room (RFC 6455 section 5.5.3): pings must not fill our memory.
    func pong(_ payload: Span<UInt8>) {
        if isBlocked {
            pendingPong = payload.indices.map { payload[$0] }
        } else {
            stageFrame(.pong, payload)
        }
    }

    func stageFrame(_ opcode: FrameOpcode, _ payload: Span<UInt8>) {
        flushRun()
        let mask: UInt32? = role == .client ? loop.entropy.next() : nil
        let header = FrameHeader(opcode: opcode, mask: mask, payloadLength: payload.count)
        let encoded = header.encoded()
        // SAFETY: the room is the backlog's own, long enough, and filled before it is committed.
        let room = unsafe backlog.reserve(header.frameLength)
        for index in 0..<encoded.count { unsafe room[index] = encoded.bytes[index] }
        unsafe payload.withUnsafeBytes { source in
            let body = unsafe UnsafeMutableRawBufferPointer(
                rebasing: room[encoded.count..<header.frameLength])
            _ = unsafe maskCopy(source, mask: header.mask, into: body)
        }
        backlog.commit(header.frameLength)
        stageSelf()
    }

    /// Sends bytes that are not a frame: an HTTP head, on an otherwise empty backlog.
    func stageHead(_ bytes: [UInt8]) {
        // SAFETY: the array's memory, during the call.
        unsafe bytes.withUnsafeBytes { unsafe backlog.append($0) }
        frameRemainder = bytes.count
        stageSelf()
    }

    @inline(__always)
    func stageSelf() {
        if isStaged { return }
        isStaged = true
        loop.stage(self)
    }

    // MARK: Sending

    func flushStaged() {
        isStaged = false
        if phase == .dead { return }
        flushRun()
        if !backlog.isEmpty, !isBlocked { flushBacklog() }
        settle()
    }

    func writable() {
        isBlocked = false
        writeWantsRead = false
        if let tls, tls.isHandshaking { return continueHandshake() }
        if !backlog.isEmpty { flushBacklog() }
        if !isBlocked, let payload = pendingPong {
            pendingPong = nil
            if phase == .open { stageFrame(.pong, payload.span) }
        }
        settle()
    }

    /// Sends the run of forwarded frames; what the kernel does not accept is copied.
    private func flushRun() {
        guard runCount > 0, let start = unsafe runStart else { return }
        // SAFETY: the run's memory belongs to its reader, which waits for this.
        let run = unsafe UnsafeRawBufferPointer(start: start, count: runCount)
        unsafe runStart = nil
        runCount = 0
        let sent = unsafe isBlocked ? 0 : write(run)
        guard sent < run.count else { return }
        unsafe backlog.append(UnsafeRawBufferPointer(rebasing: run[sent...]))
        frameRemainder = unsafe Self.boundary(in: run, from: 0, atLeast: sent) - sent
    }

    private func flushBacklog() {
        // SAFETY: the backlog does not change while its bytes are written.
        let sent = unsafe write(backlog.bytes)
        if sent < backlog.count {
            frameRemainder =
                unsafe Self.boundary(in: backlog.bytes, from: frameRemainder, atLeast: sent) - sent
        } else {
            frameRemainder = 0
        }
        backlog.consume(sent)
    }

    /// Writes as much as possible; returns how much. A failure is kept for `settle`: this may run
    /// within a delegate call, during which the delegate must not be called.
    private func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        var sent = 0
        // SAFETY: the caller's bytes, during the call; the descriptor is this connection's.
        while sent < bytes.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
            switch unsafe transmit(rest) {
            case .done(let count):
                sent += count
                committed = 0
                continue
            case .wantsWrite: isBlocked = true
            case .wantsRead:
                isBlocked = true
                writeWantsRead = true
            case .end, .failed:
                writeFailure = ConnectionFailure(.ended, failureText("sending"))
                isBlocked = true
                stageSelf()
            }
            if tls != nil { committed = min(rest.count, Self.longestRecord) }
            break
        }
        count(sent: sent)
        return sent
    }

    @inline(__always)
    private func transmit(_ bytes: UnsafeRawBufferPointer) -> Transfer {
        // SAFETY: as in `write`.
        if let tls { return unsafe tls.write(bytes) }
        let count = unsafe tk_send(registration.fd, bytes.baseAddress, bytes.count)
        if count >= 0 { return .done(count) }
        return count == -Int(EAGAIN) ? .wantsWrite : .failed
    }

    /// After sending: check limits, the end, and what the kernel must report.
    private func settle() {
        if let writeFailure { return lose(writeFailure) }
        if backlog.isEmpty, endsWhenSent {
            endsWhenSent = false
            return finish()
        }
        if !isUnburdened {
            tellHeld()
            checkLimit()
        }
        updateInterest()
    }

    // MARK: Backpressure

    private func checkLimit() {
        if !isOverLimit, backlog.count > limits.buffer {
            isOverLimit = true
            source?.setThrottled(true)
            if role == .server, phase == .open { arm(loop.patience.stuck) }
            delegate?.fell(self, behind: true)
        } else if isOverLimit, backlog.count < limits.buffer / 2 {
            isOverLimit = false
            source?.setThrottled(false)
            if phase == .open { timer?.disarm() }
            delegate?.fell(self, behind: false)
        }
    }

    func reportStuck() {
        guard isOverLimit, !wasStuck else { return }
        wasStuck = true
        delegate?.stuck(self, backlog: backlog.count)
    }

    /// Drops every frame of which nothing has been sent or passed to TLS.
    func dropUnsentFrames() {
        // SAFETY: the backlog's bytes, during the call.
        let kept = unsafe Self.boundary(in: backlog.bytes, from: frameRemainder, atLeast: committed)
        backlog.truncate(to: kept)
        frameRemainder = kept
    }

    /// The first end of a frame at or after `offset`, counting frames from a frame boundary at
    /// `start`. Only used for what could not be sent at once, so its cost does not matter.
    private static func boundary(
        in bytes: UnsafeRawBufferPointer, from start: Int, atLeast offset: Int
    ) -> Int {
        // SAFETY: the caller's bytes, during the call.
        let elements = unsafe UnsafeBufferPointer(
            start: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), count: bytes.count)
        let frames = unsafe Span(_unsafeElements: elements)
        var end = start
        while end < offset {
            guard let header = try? FrameHeader.parse(frames, at: end) else { return bytes.count }
            end += header.frameLength
        }
        return min(end, bytes.count)
    }
}
