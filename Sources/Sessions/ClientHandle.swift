public import Basics

/// The resumption handles clients see. They are ours, not gemini's: one for a whole conversation,
/// however many gemini connections and sessions it takes, and good for as long as anything of it is
/// remembered. Gemini's stay with the proxy.
public enum ClientHandle {
    /// What gemini's own have never begun with.
    static let beginning = "turnkeeper."
    private static let longest = 256

    /// - Parameter secret: at least 128 random bits, in letters JSON need not escape.
    public static func make(session: String, secret: String) -> String {
        "\(beginning)\(session).\(secret)"
    }

    /// Whether it has the form of one of ours; whether it is good only its memory can say.
    static func isOurs(_ handle: String) -> Bool {
        handle.hasPrefix(beginning) && handle.utf8.count <= longest
    }
}

/// What a client shows to go on with a conversation it had.
public enum Claim: Equatable, Sendable {
    /// A handle of ours, in its setup.
    case handle(String)
    /// A session's id, beside its credentials.
    case session(String)
}

/// What is left of a conversation once its session is over: enough to take it up again.
public struct Memory: Equatable, Sendable {
    /// As the client named it.
    public var model: String
    /// A hash of the tools it declared.
    public var tools: UInt64
    /// Gemini's newest handle; empty where there is none.
    public var handle: String
    /// Since the session's end.
    public var age = Interval.zero
    /// What was said, as `Transcript.packed` writes it: lines of UTF-8. Empty where the policy
    /// keeps no transcripts.
    public var transcript: [UInt8]

    public init(model: String, tools: UInt64, handle: String, transcript: [UInt8]) {
        self.model = model
        self.tools = tools
        self.handle = handle
        self.transcript = transcript
    }
}

/// What became of a claim.
public enum Recalled: Equatable, Sendable {
    /// The session is alive and parked; the client's connection went over to it.
    case attached
    case remembered(Memory)
    /// It is another tenant's.
    case foreign
    case unknown
}

/// A hash to tell setups apart by: FNV-1a. Nobody gains by a collision but the client that made it.
struct SetupHash {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ bytes: Span<UInt8>) {
        for at in 0..<bytes.count { value = (value ^ UInt64(bytes[at])) &* 0x100_0000_01b3 }
    }
}
