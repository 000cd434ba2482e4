import Basics

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
    var memory = Memory()
    /// How often each input (by hash) was heard.
    var attempts: [UInt64: Int] = [:]
    /// How often each fault of the scenario struck.
    var strikes: [Int]

    init(number: Int, model: String, faults: Int) {
        self.number = number
        self.model = model
        strikes = [Int](repeating: 0, count: faults)
    }
}

/// What the model remembers.
struct Memory {
    /// Numbers of the turns of `Heard.turns` in it, in order.
    var turns: [Int] = []
    var textBytes = 0
    var userAudioTokens = 0
    var modelAudioTokens = 0
    var images = 0
}

/// What stands behind a resumption handle.
struct Ticket {
    var conversation: Conversation
    var memory: Memory
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
