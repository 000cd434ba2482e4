import Basics

/// What the service keeps of one conversation across the connections that carry it.
public final class Conversation {
    /// From 1, in order of set-up.
    public let number: Int
    public let model: String
    /// Everything that happened, whatever a resume made the model forget.
    public internal(set) var heard = Heard()
    /// The connection that holds it now; a resume is refused while there is one.
    var liveConnection: Int?
    /// How often each input (by hash) was heard.
    var attempts: [UInt64: Int] = [:]
    var callCount = 0

    init(number: Int, model: String) {
        self.number = number
        self.model = model
    }
}

/// What the model remembers: rolled back to the moment a handle was issued when it is used.
struct Memory {
    /// Numbers of the turns of `Heard.turns` in it, in order.
    var turns: [Int] = []
    var textBytes = 0
    var userAudio = 0
    var modelAudio = 0
    var images = 0
    /// Turns taken and answered so far, which is what the spoken number counts.
    var answers = 0
}

/// What stands behind a resumption handle.
struct Ticket {
    var conversation: Conversation
    var memory: Memory
    var issuedAt: Instant
}
