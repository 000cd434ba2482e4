public import Basics
import CLinux
public import WebSocket

/// One WebSocket connection: to a client (role server) or to gemini (role client). Bytes become
/// whole messages and back; what they mean is the delegate's. Lives on its loop's thread.
@safe
public final class Connection {
    public let role: Role
    /// Changes only on the way between two loops (`leave`).
    public internal(set) var loop: EventLoop
    /// Strong until the connection's last call, so that a session needs no other owner.
    public var delegate: (any ConnectionDelegate)?
    var stream: (any StreamDelegate)?
    public var limits: ConnectionLimits { didSet { frames.messageLimit = limits.message } }
    /// nil until a dial has connected.
    public internal(set) var peerAddress: SocketAddress?
    public private(set) var bytesReceived: UInt64 = 0
    public private(set) var bytesSent: UInt64 = 0
    /// When bytes came last.
    public internal(set) var lastReceived: Instant

    /// The connection that feeds this one: not read while more than `limits.buffer` waits here.
    public var source: Connection? {
        didSet {
            guard isOverLimit else { return }
            oldValue?.setThrottled(false)
            source?.setThrottled(true)
        }
    }

    enum Phase {
        /// Server: TLS and the request head.
        case accepting
        /// Server: the request lies with the delegate.
        case deciding
        /// Server: an HTTP answer that is not 101 is on its way.
        case answering
        /// Client: look-up and TCP, which are the dialer's.
        case dialing
        /// Client: TLS, our request, the answer's head.
        case upgrading
        /// Client: the body of an answer that is not 101.
        case refusing
        case open
        /// Bytes pass as they are: see `StreamDelegate`.
        case streaming
        /// One close frame has been seen, or is about to be sent.
        case closing
        /// Nothing more will be said; the peer's FIN is waited for.
        case ending
        case dead
    }

    var phase: Phase
    var registration = Registration()
    var tls: TLSSession?
    var timer: Timer?

    // The handshake.
    var acceptor: (any Acceptor)?
    var security = ListenerSecurity.plaintext
    var dial: DialRequest?
    var dialer: Dialer?
    var scanner: HeadScanner?
    var upgradeKey = ""
    /// The answer has a head only.
    var asksForHead = false
    var refusal: PendingRefusal?

    // Input.
    var frames: FrameSequence
    /// What `frames` said of the frame whose rest is awaited.
    var admitted: FrameSequence.Step?
    /// Length of the awaited frame where it is read straight into `partial`; 0 where it is not.
    var awaitedLength = 0
    var partial = ByteQueue()
    var assembly = ByteQueue()
    var validator = UTF8Validator()
    /// How much of the awaited text frame's payload is known to be valid, and what checks it.
    var checkedLength = 0
    var partialValidator = UTF8Validator()
    var isHeld = false
    var isThrottled = false
    /// Not read, because the process is short of memory and this peer has more of it than its share.
    public var isStarved = false {
        didSet {
            guard oldValue != isStarved, phase != .dead else { return }
            if isStarved { updateInterest() } else { readAgain() }
        }
    }
    var readWantsWrite = false

    // Output.
    /// Frames forwarded from one read, still in the memory they were read into.
    var runStart: UnsafeRawPointer?
    var runCount = 0
    var backlog = ByteQueue()
    /// How much of the backlog's front belongs to a frame sent in part.
    var frameRemainder = 0
    /// How much of the backlog's front TLS has taken in and will have again.
    var committed = 0
    var isStaged = false
    /// The kernel took no more; it will say when.
    var isBlocked = false
    var writeWantsRead = false
    var writeFailure: ConnectionFailure?
    var isOverLimit = false
    var wasStuck = false
    var pendingPong: [UInt8]?
    var pingPayload: UInt64 = 0
    var pingSent: Instant?

    // The end.
    var closeSent = false
    /// What the peer may still say does not count: it has closed, or broken the rules.
    var isDeaf = false
    /// Once all is sent, FIN.
    var endsWhenSent = false

    init(role: Role, phase: Phase, loop: EventLoop, limits: ConnectionLimits) {
        self.role = role
        self.phase = phase
        self.loop = loop
        self.limits = limits
        frames = FrameSequence(role: role, messageLimit: limits.message)
        lastReceived = loop.now
        loop.connectionCount += 1
    }

    /// Messages can be sent and received.
    public var isOpen: Bool { phase == .open }
    public var isSecure: Bool { tls != nil }
    /// It has one of the descriptors that are kept for short questions: no session for it.
    public internal(set) var isSpare = false
    /// Bytes waiting to be sent.
    public var backlogCount: Int { backlog.count + runCount }
    /// Bytes of a message that is not whole yet.
    public var partialCount: Int { partial.count + assembly.count }
    /// Memory that is taken for both.
    public var heldBytes: Int { partial.size + assembly.size + backlog.size }

    /// Reads nothing more until `resume`.
    public func pause() {
        isHeld = true
        updateInterest()
    }

    public func resume() {
        guard isHeld else { return }
        isHeld = false
        readAgain()
    }

    func setThrottled(_ isThrottled: Bool) {
        guard self.isThrottled != isThrottled, phase != .dead else { return }
        self.isThrottled = isThrottled
        if isThrottled { updateInterest() } else { readAgain() }
    }

    func readAgain() {
        updateInterest()
        // What TLS or an earlier read already holds is not reported by the kernel.
        if isReading, tls != nil || !partial.isEmpty { loop.readLater(self) }
    }

    var isReading: Bool {
        switch phase {
        case .dead, .dialing, .deciding: false
        case .open, .streaming: !isHeld && !isThrottled && !isStarved
        case .accepting, .answering, .upgrading, .refusing, .closing, .ending: true
        }
    }

    /// Tells the kernel what to report, where that has changed.
    func updateInterest() {
        guard registration.isActive else { return }
        var events: UInt32 = 0
        if isReading { events |= tk_in }
        if phase == .deciding { events |= tk_peer_closed }
        if isBlocked && !writeWantsRead || readWantsWrite { events |= tk_out }
        registration.wait(for: events, on: loop)
    }

    func arm(_ delay: Interval) {
        let timer = self.timer ?? Timer(loop, owner: self)
        self.timer = timer
        timer.arm(at: loop.now + delay)
    }

    func count(received count: Int) {
        bytesReceived &+= UInt64(truncatingIfNeeded: count)
        lastReceived = loop.now
    }

    func count(sent count: Int) { bytesSent &+= UInt64(truncatingIfNeeded: count) }
}

extension Connection: Pollable {
    func ready(_ events: UInt32) {
        if phase == .dead { return }
        let isGone = events & (tk_error | tk_hangup) != 0
        if events & tk_peer_closed != 0 && phase == .deciding || isGone && !isReading {
            return lose(ConnectionFailure(.ended, "the peer left"))
        }
        if events & tk_out != 0 || writeWantsRead { writable() }
        if phase == .dead { return }
        if events & tk_in != 0 || isGone || readWantsWrite { readable() }
    }
}

extension Connection: TimerOwner {
    /// Called by the loop.
    public func timerFired(_ timer: Timer) {
        switch phase {
        case .accepting: requestTimedOut()
        case .dialing, .upgrading: dialTimedOut()
        case .refusing: finishRefusal()
        case .open: reportStuck()
        case .streaming: streamTimedOut()
        case .closing: end(abruptly: !backlog.isEmpty)
        case .answering, .ending: end(abruptly: true)
        case .deciding, .dead: break
        }
    }
}
