public import Basics
import Wire

/// The resumption handles that clients see. They are ours, not gemini's: one per conversation,
/// however many gemini connections and sessions it has, and valid for as long as any of it is
/// remembered. Gemini's stay in the proxy.
public enum ClientHandle {
    /// Gemini's own handles have never begun like this.
    static let beginning = "turnkeeper."
    private static let longest = 256

    /// - Parameter secret: At least 128 random bits, in characters that JSON need not escape.
    public static func make(session: String, secret: String) -> String {
        "\(beginning)\(session).\(secret)"
    }

    /// The same for a conversation that nodes have taken over: it includes the generation, so that
    /// a node that is cut off notices when it is behind what the client has seen elsewhere.
    static func shown(_ handle: String, generation: Int64) -> String {
        generation > 1 ? "\(handle).\(generation)" : handle
    }

    /// The session and secret of a handle in our form; nil for any other.
    public static func name(in handle: String) -> String? {
        guard handle.hasPrefix(beginning), handle.utf8.count <= longest else { return nil }
        return String(parts(of: handle).handle.dropFirst(beginning.count))
    }

    /// Whether we must judge the handle: only its memory can tell whether it is valid. This
    /// includes damaged ones, because gemini need not see our secrets; none of gemini's contains a
    /// control character.
    static func isOurs(_ handle: String) -> Bool {
        handle.hasPrefix(beginning) || handle.utf8.contains { $0 < 0x20 }
    }

    /// The handle that the client was first given, and the generation.
    static func parts(of shown: String) -> (handle: String, generation: Int64) {
        let words = shown.split(separator: ".", omittingEmptySubsequences: false)
        guard words.count == 4, let generation = Int64(words[3]), generation > 1 else {
            return (shown, 1)
        }
        return (words[..<3].joined(separator: "."), generation)
    }
}

/// What a client presents to continue an earlier conversation.
public enum Claim: Equatable, Sendable {
    /// A handle of ours, in its setup: as first given, and the generation of the conversation that
    /// the client has seen.
    case handle(String, generation: Int64)
    /// A session's id, next to its credentials.
    case session(String)
}

/// The remains of a conversation whose session is over: enough to continue it.
public struct Memory: Equatable, Sendable {
    /// As the client named it.
    public var model: String
    /// A hash of the tools it declared.
    public var tools: UInt64
    /// Gemini's newest handle; empty if there is none.
    public var handle: String
    /// The time since the session's end.
    public var age = Interval.zero
    /// The conversation, as `Words.packed` writes it: lines of UTF-8. Empty if the policy keeps no
    /// transcripts.
    public var transcript: [UInt8]
    /// The time since gemini first withheld the conversation from this handle; zero if it has not.
    public var putOff = Interval.zero
    /// The generation in which it is driven from now on, if nodes share conversations.
    public var generation: Int64 = 1
    /// The handle may stand for calls that are open: gemini takes their results.
    public var mayAwaitResults = true
    public var changes = Changes()
    public var owed = Owed()
    public var used = Used()

    /// The conversation's use of `budget` in all its sessions. The shell counts it, and passes it
    /// from one to the next.
    public struct Used: Equatable, Sendable {
        /// In millionths of a dollar.
        public var cost: Int64
        public var tokens: Int64

        public init(cost: Int64 = 0, tokens: Int64 = 0) {
            self.cost = cost
            self.tokens = tokens
        }
    }

    /// What the client has changed since its setup. It returns with that setup unchanged.
    public struct Changes: Equatable, Sendable {
        /// The setup's hash (`FNV1a`); a different setup defines everything anew.
        public var setup: UInt64 = 0
        /// A `Content`; empty if it is as in the setup.
        public var instruction: [UInt8] = []
        /// A list; empty if it is as in the setup.
        public var tools: [UInt8] = []

        public init() {}

        /// Not kept if too long: a state is written with every turn.
        mutating func note(_ new: Changes) {
            let new = new.kept
            if !new.instruction.isEmpty { instruction = new.instruction }
            if !new.tools.isEmpty { tools = new.tools }
        }

        /// What of it is kept.
        var kept: Changes {
            var kept = self
            if instruction.count > Words.limit { kept.instruction = [] }
            if tools.count > Words.limit { kept.tools = [] }
            return kept
        }

        var count: Int { instruction.count + tools.count }

        var edits: [SetupEdit] {
            (instruction.isEmpty ? [] : [.set("systemInstruction", instruction)])
                + (tools.isEmpty ? [] : [.set("tools", tools)])
        }
    }

    /// What a client that has already returned must not lose. It is handed over, and never stored.
    public struct Owed: Equatable, Sendable {
        /// The client's unanswered messages, in order, as they were sent.
        public var unanswered: [[UInt8]] = []
        /// Gemini's output while the client was away, in order: only whole answers.
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

    /// Time has passed since it was kept.
    public mutating func grewOlder(by age: Interval) {
        self.age = age
        if putOff > .zero { putOff = putOff + age }
    }

    /// The part kept beyond the handover; nil if none.
    public var stored: Memory? {
        var stored = self
        stored.owed = Owed()
        return stored.isEmpty ? nil : stored
    }

    /// There is nothing to continue from.
    var isEmpty: Bool { handle.isEmpty && transcript.isEmpty && owed.isEmpty }
}

/// The result of a claim.
public enum Recalled: Equatable, Sendable {
    /// The session is alive and parked; the client's connection was passed to it.
    case attached
    /// Large, and for the few sessions that return.
    indirect case remembered(Memory)
    /// It belongs to another tenant.
    case foreign
    case unknown
    /// The state is unknown at the moment.
    case unavailable
}
