import Basics
import Wire

/// What the service keeps of one conversation across the connections that carry it.
public final class Conversation {
    /// From 1, in order of set-up.
    public let number: Int
    public let model: String
    /// Everything that happened, whatever a resume made the model forget.
    public internal(set) var heard = Heard()
    /// Connections that carried it so far.
    public internal(set) var connections = 0
    /// Numbers of the turns the model remembers, in order: a resume takes it back to the moment
    /// its handle was issued.
    public var remembered: [Int] { memory.turns }

    /// The connection that holds it now; a resume is refused while there is one.
    var liveConnection: Int?
    var endedAt: Instant?
    /// When the last connection that was set up was over.
    var releasedAt: Instant?
    var memory = Memory()
    /// What the model remembered before the last turn.
    var memoryBefore = Memory()
    /// A muteness that no handle is free of.
    var deepWedge: Wedge?
    /// What it set out to say to each turn, by number.
    var speech: [Int: Voice.Phrase] = [:]
    /// How often each input (by key) was heard.
    var attempts: [UInt64: Int] = [:]
    /// How often each fault of the scenario struck.
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
    /// Numbers of the turns of `Heard.turns` in it, in order.
    var turns: [Int] = []
    /// Turns of the user's that came as history and not by ear.
    var seededTurns = 0
    var textBytes = 0
    var userAudioTokens = 0
    var modelAudioTokens = 0
    var images = 0
    var wedge: Wedge?
    /// It takes the next turn for the first one, and greets.
    var greets = false

    /// What is left when all but the last turn is lost: the text stays, the sounds go.
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

/// What stands behind a resumption handle.
struct Ticket {
    var conversation: Conversation
    var memory: Memory
    var model: String
    /// Calls that were open when it was issued.
    var openCalls: [SimulatedConnection.OpenCall] = []
    /// Refused with this, whenever it is used.
    var refusal: Close?
    /// Each connection resumed with it does this after so long.
    var curse: (after: Interval, deed: Deed)?
    /// Calls lost with the old connection are made again, instead of waited for.
    var remakesCalls = false
}

extension Usage {
    /// Tokens of PCM, 16 bit: 25 a second, as the Live price pages say.
    static func audioTokens(bytes: Int, rate: Int) -> Int {
        let perSecond = max(rate, 1) * 2
        return (bytes * 25 + perSecond - 1) / perSecond
    }

    static let textBytesPerToken = 4
    static let tokensPerImage = 258
}
