public import Basics
import CLinux
public import WebSocket

/// One WebSocket connection: to a client (role server) or to gemini (role client). Converts bytes
/// to whole messages and back; the delegate interprets them. Lives on its loop's thread.
@safe
public final class Connection {
    public let role: Role
    /// Changes only while moving between two loops (`leave`).
    public internal(set) var loop: EventLoop
    /// Strong until the connection's last call, so that a session needs no other owner.
    public var delegate: (any ConnectionDelegate)? {
        didSet {
            guard told > 0 else { return }
            oldValue?.holds(self, more: -told)
            delegate?.holds(self, more: told)
        }
    }
    /// The number of waiting bytes that was last reported to the delegate.
    private var told = 0
    var stream: (any StreamDelegate)?
    public var limits: ConnectionLimits { didSet { frames.messageLimit = limits.message } }
    /// nil until a dial has connected. The client's, if a balancer introduced it in a PROXY header.
    public internal(set) var peerAddress: SocketAddress?
    public private(set) var bytesReceived: UInt64 = 0
    public private(set) var bytesSent: UInt64 = 0
    /// When bytes were last received.
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
        /// Server: the delegate has the request.
        case deciding
        /// Server: an HTTP answer other than 101 is being sent.
        case answering
        /// Client: look-up and TCP, by the dialer.
        case dialing
        /// Client: TLS, our request, the answer's head.
        case upgrading
        /// Client: the body of an answer other than 101.
        case refusing
        case open
        /// Bytes pass unchanged: see `StreamDelegate`.
        case streaming
        /// One close frame has been received, or is about to be sent.
        case closing
        /// Nothing more will be sent; waiting for the peer's FIN.
        case ending
        case dead
    }

    var phase: Phase {
        didSet { if oldValue == .accepting, phase != .accepting { Descriptors.hasAsked() } }
    }
    var registration = Registration()
    var tls: TLSSession?
    var timer: Timer?
    var vigil: Vigil?
    /// The peer's host must acknowledge, and this is not being checked: the next message begins
    /// that.
    var isUnwatched = false

    // The handshake.
    var acceptor: (any Acceptor)?
    var security = ListenerSecurity.plaintext
    var dial: DialRequest?
    var dialer: Dialer?
    var scanner: HeadScanner?
    /// The peer is a balancer, which may begin with a PROXY header.
    var mayBeIntroduced = false
    var upgradeKey = ""
    /// The answer has no body.
    var asksForHead = false
    var refusal: PendingRefusal?

    // Input.
    var frames: FrameSequence
    /// The verdict of `frames` on the frame whose rest is awaited.
    var admitted: FrameSequence.Step?
    /// Length of the awaited frame if it is read directly into `partial`, otherwise 0.
    var awaitedLength = 0
    var partial = ByteQueue()
    var assembly = ByteQueue()
    var validator = UTF8Validator()
    /// How much of the awaited text frame's payload is known to be valid, and the validator.
    var checkedLength = 0
    var partialValidator = UTF8Validator()
    var isHeld = false
    public internal(set) var isThrottled = false
    /// Whether it is not read because the process is short of memory and its peer holds more than
    /// its share.
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
    /// How much of the backlog's front belongs to a partially sent frame.
    var frameRemainder = 0
    /// How much of the backlog's front TLS has accepted and must get again.
    var committed = 0
    var isStaged = false
    /// The kernel accepts no more; it will report when it does.
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
    /// Further input from the peer is ignored: it has closed, or broken the rules.
    var isDeaf = false
    /// Send FIN when everything has been sent.
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
    /// Open, with nothing under way: neither our output, nor input of the peer's that has not been
    /// handled, its close above all. Asks the kernel.
    public var isQuiet: Bool {
        phase == .open && !isDeaf && writeFailure == nil && backlogCount == 0
            && bufferedCount == 0 && tk_is_quiet(registration.fd) == 1
    }
    /// It has made no request yet, or has had its answer.
    var isDispensable: Bool {
        switch phase {
        case .accepting, .answering, .closing, .ending: true
        case .deciding, .dialing, .upgrading, .refusing, .open, .streaming, .dead: false
        }
    }
    /// Bytes waiting to be sent.
    var backlogCount: Int { backlog.count + runCount }
    /// The same, and those of a message that is not complete yet.
    public var bufferedCount: Int { backlog.count + partial.count + assembly.count }
    /// Memory used for these, and for a message that is not complete yet.
    public var heldBytes: Int { partial.size + assembly.size + backlog.size }

    /// Nothing waits here, and nothing did when that was last reported.
    @inline(__always)
    var isUnburdened: Bool { told == 0 && backlog.isEmpty }

    /// Reports the bytes that wait. Call it wherever something may have been left waiting, or is
    /// gone.
    func tellHeld() {
        let bytes = bufferedCount
        guard bytes != told else { return }
        let more = bytes - told
        told = bytes
        delegate?.holds(self, more: more)
    }

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
        // The kernel does not report what TLS or an earlier read already holds.
        if isReading, tls != nil || !partial.isEmpty { loop.readLater(self) }
    }

    /// Whether what the peer sends is read.
    public var isReading: Bool {
        switch phase {
        case .dead, .dialing, .deciding: false
        case .open, .streaming: !isHeld && !isThrottled && !isStarved
        case .accepting, .answering, .upgrading, .refusing, .closing, .ending: true
        }
    }

    /// Tells the kernel what to report, if that has changed.
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
        loop.reads.spend(count)
        lastReceived = loop.now
    }

    func count(sent count: Int) {
        bytesSent &+= UInt64(truncatingIfNeeded: count)
        if isUnwatched, count > 0 { beginVigil() }
    }
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
        if timer === vigil?.timer { return lookForAcknowledgement() }
        switch phase {
        case .accepting: requestTimedOut()
        case .dialing, .upgrading: dialTimedOut()
        case .refusing: finishRefusal()
        case .open: reportStuck()
        case .closing: end(abruptly: !backlog.isEmpty)
        case .answering, .ending: end(abruptly: true)
        case .deciding, .streaming, .dead: break
        }
    }
}
