import Basics
import CLinux
import WebSocket

// From bytes to messages. One wake-up reads once into the loop's buffer, walks all the frames
// there, and then sends the resulting output.

extension Connection {
    /// Larger frames are read directly into their own memory; the rest of smaller ones is copied in
    /// front of the next read, which is cheaper than a second receive.
    private static let largeFrame = 16 << 10
    func readable() {
        readWantsWrite = false
        if let tls, tls.isHandshaking { return continueHandshake() }
        if phase == .accepting, !decideSecurity() { return }
        guard isReading else { return }
        // No more of a large frame per wake-up, so that other connections get their turn.
        var most = ReadBudget.most
        if loop.reads.isScarce, phase == .open || phase == .streaming {
            most = min(most, loop.reads.allowance(holding: held))
            if most == 0 { return loop.waitToRead(self) }
        }
        tls?.wokeUp()
        if awaitedLength > 0 { return readLargeFrame(most) }
        // SAFETY: the loop's buffer is used by one read at a time, on this thread; `partial` is
        // never longer than it, because it came from there.
        let buffer = unsafe loop.buffer
        let kept = partial.count
        if kept > 0, let base = buffer.baseAddress, let from = unsafe partial.bytes.baseAddress {
            unsafe base.copyMemory(from: from, byteCount: kept)
            partial.clear()
            tellHeld()
        }
        let end = min(buffer.count, kept + most)
        var filled = kept
        var outcome = Transfer.wantsRead
        while filled < end {
            outcome = unsafe receive(UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<end]))
            guard case .done(let count) = outcome else { break }
            filled += count
            // The kernel reports further input; TLS may hold some that the kernel does not know of.
            guard let tls, tls.mayHaveMore else { break }
        }
        if filled > kept { count(received: filled - kept) }
        let isMoreAtHand = tls != nil && filled == end
        if filled > 0 {
            unsafe process(UnsafeMutableRawBufferPointer(rebasing: buffer[..<filled]))
        }
        checkPartialText()
        finishRead(outcome)
        if isMoreAtHand, phase != .dead { loop.readLater(self) }
    }

    /// The bytes that it holds, or those that its session holds, if they are more.
    private var held: Int {
        let behind = delegate?.heldBytes(behind: self) ?? stream?.heldBytes(behind: self)
        return max(heldBytes, behind ?? 0)
    }

    /// There is input that the kernel does not report.
    func readOn() {
        guard phase != .dead, isReading else { return }
        readable()
    }

    private func finishRead(_ outcome: Transfer) {
        if phase == .dead { return }
        switch outcome {
        case .done, .wantsRead: break
        case .wantsWrite:
            readWantsWrite = true
            updateInterest()
        case .end: peerFinished()
        case .failed: lose(ConnectionFailure(.ended, failureText("reading")))
        }
    }

    private func receive(_ room: UnsafeMutableRawBufferPointer) -> Transfer {
        // SAFETY: `room` is valid during the call; the descriptor is this connection's.
        if let tls { return unsafe tls.read(into: room) }
        let count = unsafe tk_receive(registration.fd, room.baseAddress, room.count, 0)
        if count > 0 { return .done(count) }
        if count == 0 { return .end }
        return count == -Int(EAGAIN) ? .wantsRead : .failed
    }

    /// Continues to read the frame in `partial`, and nothing beyond it.
    private func readLargeFrame(_ most: Int) {
        var outcome = Transfer.wantsRead
        var budget = most
        while partial.count < awaitedLength, budget > 0 {
            let missing = min(awaitedLength - partial.count, budget)
            // SAFETY: the room is `partial`'s own, and filled before anything else accesses it.
            let room = unsafe partial.reserve(min(missing, 64 << 10))
            outcome = unsafe receive(
                UnsafeMutableRawBufferPointer(rebasing: room[..<min(missing, room.count)]))
            guard case .done(let count) = outcome else { break }
            partial.commit(count)
            self.count(received: count)
            budget -= count
        }
        let isComplete = partial.count >= awaitedLength
        if isComplete {
            awaitedLength = 0
            var whole = ByteQueue()
            swap(&whole, &partial)
            // SAFETY: `whole` lives until `process` has sent or copied everything in it.
            unsafe process(UnsafeMutableRawBufferPointer(mutating: whole.bytes))
            loop.shrinkScratch()
        } else {
            checkPartialText()
        }
        tellHeld()
        finishRead(outcome)
        // Bytes after the frame, or left for the next turn.
        if tls != nil, phase != .dead, isReading, case .done = outcome { loop.readLater(self) }
    }

    /// Processes the bytes, sends the resulting output, keeps the rest.
    private func process(_ bytes: UnsafeMutableRawBufferPointer) {
        // SAFETY: the caller's buffer does not change during the call; before it ends,
        // `flushStaged` sends or copies runs of forwarded frames that point into it.
        let used = unsafe consume(bytes)
        if phase == .open { delegate?.batchEnded(self) }
        loop.flushStaged()
        guard phase != .dead, used < bytes.count else { return }
        unsafe partial.append(UnsafeRawBufferPointer(rebasing: bytes[used...]))
        tellHeld()
    }

    private func consume(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        var used = 0
        while used < bytes.count {
            // SAFETY: a part of the caller's buffer, for the calls below.
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[used...])
            let taken: Int
            switch phase {
            case .accepting: taken = unsafe takeRequest(span(rest))
            case .upgrading: taken = unsafe takeAnswer(span(rest))
            case .refusing: taken = unsafe takeRefusalBody(span(rest))
            case .open, .closing:
                if isDeaf { return bytes.count }
                taken = unsafe walk(rest)
            case .streaming:
                streamed(unsafe span(rest))
                taken = rest.count
            case .deciding: return used
            case .dialing, .answering, .ending, .dead: return bytes.count
            }
            if taken == 0 { return used }
            used += taken
        }
        return used
    }

    @inline(__always)
    @_lifetime(immortal)
    func span(_ bytes: UnsafeMutableRawBufferPointer) -> Span<UInt8> {
        // SAFETY: callers use the span only while they own the buffer.
        let elements = unsafe UnsafeBufferPointer(
            start: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), count: bytes.count)
        return unsafe _overrideLifetime(Span(_unsafeElements: elements), copying: ())
    }

    /// Processes whole frames from the front; returns their total length.
    private func walk(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        // SAFETY: see `process`.
        guard let base = buffer.baseAddress else { return 0 }
        let bytes = unsafe span(buffer)
        var offset = 0
        do throws(Violation) {
            while offset < buffer.count, phase == .open || phase == .closing && !isDeaf,
                let header = try FrameHeader.parse(bytes, at: offset)
            {
                let admittedStep = admitted
                let step = if let admittedStep { admittedStep } else { try frames.admit(header) }
                admitted = nil
                guard header.frameLength <= buffer.count - offset else {
                    if admittedStep == nil { checkedLength = 0 }
                    admitted = step
                    if header.frameLength > Self.largeFrame {
                        // Once it is no longer open, the rest of a large frame is not read.
                        guard phase == .open else {
                            deafen()
                            stageSelf()
                            return buffer.count
                        }
                        awaitedLength = header.frameLength
                    }
                    break
                }
                let frame = unsafe UnsafeMutableRawBufferPointer(
                    start: base + offset, count: header.frameLength)
                try unsafe process(frame, header, step)
                offset += header.frameLength
            }
        } catch {
            violate(error)
            return buffer.count
        }
        return offset
    }

    @inline(__always)
    private func process(
        _ frame: UnsafeMutableRawBufferPointer, _ header: FrameHeader, _ step: FrameSequence.Step
    ) throws(Violation) {
        // SAFETY: `frame` is complete and stays valid during the call, and so does the scratch
        // memory.
        let source = unsafe UnsafeRawBufferPointer(rebasing: frame[header.headerLength...])
        switch step {
        case .whole:
            guard phase == .open else { return }
            let payload: UnsafeRawBufferPointer
            var isASCII = false
            if header.isMasked {
                let room = unsafe loop.scratch(source.count)
                isASCII = unsafe maskCopy(source, mask: header.mask, into: room)
                unsafe payload = UnsafeRawBufferPointer(room)
            } else {
                unsafe payload = source
            }
            if header.opcode == .text, !isASCII {
                try unsafe UTF8Validator.check(
                    span(UnsafeMutableRawBufferPointer(mutating: payload)))
            }
            unsafe deliver(header.opcode, payload, frame)
        case .first, .middle, .last:
            try unsafe assemble(source, header, step)
        case .control:
            let room = unsafe loop.scratch(source.count)
            _ = unsafe maskCopy(source, mask: header.mask, into: room)
            try takeControl(header.opcode, unsafe span(room))
        }
    }

    @inline(__always)
    private func deliver(
        _ opcode: FrameOpcode, _ payload: UnsafeRawBufferPointer,
        _ frame: UnsafeMutableRawBufferPointer
    ) {
        // SAFETY: both buffers outlive the call, and the message cannot outlive it.
        let message = unsafe IncomingMessage(
            opcode, payload: span(UnsafeMutableRawBufferPointer(mutating: payload)),
            frame: span(frame))
        delegate?.received(self, message)
    }

    private func assemble(
        _ source: UnsafeRawBufferPointer, _ header: FrameHeader, _ step: FrameSequence.Step
    ) throws(Violation) {
        guard phase == .open else { return }
        if case .first = step { validator = UTF8Validator() }
        // SAFETY: the room is `assembly`'s own, and filled at once.
        let room = unsafe UnsafeMutableRawBufferPointer(
            rebasing: assembly.reserve(source.count)[..<source.count])
        let isASCII = unsafe maskCopy(source, mask: header.mask, into: room)
        assembly.commit(source.count)
        let isText = frames.messageOpcode == .text
        if isText, !isASCII || !validator.isBetweenCharacters {
            try validator.feed(unsafe span(room))
        }
        guard case .last = step else { return tellHeld() }
        if isText { try validator.finish() }
        var whole = ByteQueue()
        swap(&whole, &assembly)
        tellHeld()
        // SAFETY: `whole` lives to the end of this function.
        unsafe deliver(
            frames.messageOpcode, whole.bytes, UnsafeMutableRawBufferPointer(start: nil, count: 0))
    }

    /// Validates the text of a frame that is still arriving, so that invalid bytes close the
    /// connection at once, and not when the rest has arrived.
    private func checkPartialText() {
        guard phase == .open, let admitted, frames.messageOpcode == .text else { return }
        // SAFETY: `partial` does not change meanwhile; scratch is only used within this call.
        let kept = unsafe UnsafeMutableRawBufferPointer(mutating: partial.bytes)
        guard let header = try? FrameHeader.parse(unsafe span(kept), at: 0) else { return }
        switch admitted {
        case .control: return
        case .whole, .first: if checkedLength == 0 { partialValidator = UTF8Validator() }
        case .middle, .last: if checkedLength == 0 { partialValidator = validator }
        }
        let fresh = unsafe UnsafeRawBufferPointer(
            rebasing: kept[min(header.headerLength + checkedLength, kept.count)...])
        let room = unsafe loop.scratch(fresh.count)
        _ = unsafe maskCopy(fresh, mask: header.mask, phase: checkedLength, into: room)
        checkedLength += fresh.count
        do throws(Violation) {
            try partialValidator.feed(unsafe span(room))
        } catch {
            violate(error)
            loop.flushStaged()
        }
    }

    private func takeControl(_ opcode: FrameOpcode, _ payload: Span<UInt8>) throws(Violation) {
        switch opcode {
        case .ping: if phase == .open { pong(payload) }
        case .pong: takePong(payload)
        case .close:
            let (code, reason) = try CloseFrame.parse(payload)
            peerClosed(code, reason)
        case .continuation, .text, .binary: break
        }
    }

    private func takePong(_ payload: Span<UInt8>) {
        guard phase == .open, let sent = pingSent, payload.count == 8 else { return }
        var value: UInt64 = 0
        for index in payload.indices { value = value << 8 | UInt64(payload[index]) }
        guard value == pingPayload else { return }
        pingSent = nil
        delegate?.ponged(self, roundTrip: loop.now - sent)
    }
}

extension UTF8Validator {
    static func check(_ text: Span<UInt8>) throws(Violation) {
        var validator = UTF8Validator()
        try validator.feed(text)
        try validator.finish()
    }
}
