public import Basics

/// The resumption handles that clients see. They are ours, not gemini's: one per conversation,
/// however many gemini connections and sessions it has, and valid as long as any of it is
/// remembered. Gemini's stay in the proxy.
public enum ClientHandle {
    /// Gemini's own handles have never begun like this.
    static let beginning = "turnkeeper."
    private static let longest = 256

    /// - Parameter secret: At least 128 random bits, in characters that JSON need not escape.
    public static func make(session: String, secret: String) -> String {
        "\(beginning)\(session).\(secret)"
    }

    /// The session and secret of a handle in our form; nil for any other.
    public static func name(in handle: String) -> String? {
        isOurs(handle) ? String(handle.dropFirst(beginning.count)) : nil
    }

    /// Whether it has the form of one of ours; only its memory can tell whether it is valid.
    static func isOurs(_ handle: String) -> Bool {
        handle.hasPrefix(beginning) && handle.utf8.count <= longest
    }
}

/// What a client presents to continue an earlier conversation.
public enum Claim: Equatable, Sendable {
    /// A handle of ours, in its setup.
    case handle(String)
    /// A session's id, next to its credentials.
    case session(String)
}

/// What is left of a conversation once its session is over: enough to continue it.
public struct Memory: Equatable, Sendable {
    /// As the client named it.
    public var model: String
    /// A hash of the tools it declared.
    public var tools: UInt64
    /// Gemini's newest handle; empty if there is none.
    public var handle: String
    /// Since the session's end.
    public var age = Interval.zero
    /// The conversation, as `Words.packed` writes it: lines of UTF-8. Empty if the policy keeps no
    /// transcripts.
    public var transcript: [UInt8]
    public var owed = Owed()

    /// What a client that is back already must not lose. It is handed over, and never stored.
    public struct Owed: Equatable, Sendable {
        /// The client's messages that nobody has answered, in order, as they were sent.
        public var unanswered: [[UInt8]] = []
        /// What gemini said while the client was away, in order: whole answers only.
        public var missed: [[UInt8]] = []

        public init() {}

        public var isEmpty: Bool { unanswered.isEmpty && missed.isEmpty }
    }

    public init(model: String, tools: UInt64, handle: String, transcript: [UInt8]) {
        self.model = model
        self.tools = tools
        self.handle = handle
        self.transcript = transcript
    }

    /// There is nothing to continue from.
    var isEmpty: Bool { handle.isEmpty && transcript.isEmpty && owed.isEmpty }
}

/// The result of a claim.
public enum Recalled: Equatable, Sendable {
    /// The session is alive and parked; the client's connection was passed to it.
    case attached
    case remembered(Memory)
    /// It belongs to another tenant.
    case foreign
    case unknown
    /// Nobody can tell now.
    case unavailable
}

/// A hash that distinguishes setups: FNV-1a. A collision benefits only the client that made it.
struct SetupHash {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ bytes: Span<UInt8>) {
        for at in 0..<bytes.count { value = (value ^ UInt64(bytes[at])) &* 0x100_0000_01b3 }
    }
}
