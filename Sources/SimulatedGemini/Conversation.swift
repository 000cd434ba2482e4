import Basics
import Wire

/// What the service keeps of one conversation across its connections.
public final class Conversation {
    /// From 1, in order of set-up.
    public let number: Int
    public let model: String
    /// Everything that happened, even if a resume made the model forget it.
    public internal(set) var heard = Heard()
    /// The number of connections so far.
    public internal(set) var connections = 0
    /// Numbers of the turns that the model remembers, in order: a resume restores them as of the
    /// moment when its handle was issued.
    public var remembered: [Int] { memory.turns }

    /// The connection that currently holds it; meanwhile a resume is refused.
    var liveConnection: Int?
    var endedAt: Instant?
    /// When the last set-up connection ended.
    var releasedAt: Instant?
    var memory = Memory()
    /// What the model remembered before the last turn.
    var memoryBefore = Memory()
    /// A mute state that every handle has.
    var deepWedge: Wedge?
    /// The intended answer to each turn, by number.
    var speech: [Int: Voice.Phrase] = [:]
    /// How often each input (by key) was received.
    var attempts: [UInt64: Int] = [:]
    /// How often each fault of the scenario occurred.
    var strikes: [Int]

    init(number: Int, model: String, faults: Int) {
        self.number = number
        self.model = model
        strikes = [Int](repeating: 0, count: faults)
    }

    /// The last thing the model said.
    var lastReply: String { heard.turns.last { !$0.reply.isEmpty }?.reply ?? "" }
}

/// What the model remembers.
struct Memory {
    /// Its turns, as numbers of `Heard.turns`, in order.
    var turns: [Int] = []
    /// User turns that came as history, not as input.
    var seededTurns = 0
    var textBytes = 0
    var userAudioTokens = 0
    var modelAudioTokens = 0
    var images = 0
    var wedge: Wedge?
    /// It takes the next turn for the first one, and greets.
    var greets = false

    /// What remains when all but the last turn is lost: text stays, audio goes.
    mutating func collapse(keeping tokens: Int) {
        turns = turns.last.map { [$0] } ?? []
        seededTurns = 0
        userAudioTokens = min(userAudioTokens, tokens)
        modelAudioTokens = 0
        images = 0
    }

    func promptTokens(instructionBytes: Int) -> Int {
        let text = instructionBytes + textBytes
        return (text + Usage.textBytesPerToken - 1) / Usage.textBytesPerToken + userAudioTokens
            + modelAudioTokens + images * Usage.tokensPerImage
    }
}

/// What a resumption handle stands for.
struct Ticket {
    var conversation: Conversation
    var memory: Memory
    var model: String
    /// Calls that were open when it was issued.
    var openCalls: [SimulatedConnection.OpenCall] = []
    /// Any use is refused with this.
    var refusal: Close?
    /// What each connection resumed with it does after this time.
    var curse: (after: Interval, deed: Deed)?
    /// Calls lost with the old connection are repeated instead of waited for.
    var remakesCalls = false
}

extension Usage {
    /// Tokens of PCM, 16 bit: 25 per second, according to the Live price pages.
    static func audioTokens(bytes: Int, rate: Int) -> Int {
        let perSecond = max(rate, 1) * 2
        return (bytes * 25 + perSecond - 1) / perSecond
    }

    static let textBytesPerToken = 4
    static let tokensPerImage = 258
}
