import Basics

/// A way to misbehave. To add one: a file in `Faults/`, a type that conforms, and its line in
/// `allFaults`. It sees each occasion before it happens and changes what is planned; what it does
/// not define stays healthy. One instance serves one connection and may keep state.
protocol Fault: Sendable {
    /// As written in scenario files.
    static var name: String { get }
    /// One sentence for lists of faults.
    static var summary: String { get }
    /// Takes its own keys from `options`; what is left over is an error of the file.
    init(_ options: inout FaultOptions) throws(Complaint)

    mutating func strike(_ opening: inout Opening)
    mutating func strike(_ setup: inout SetupReply)
    mutating func strike(_ reply: inout Reply)
    /// Once the setup is complete: what happens at times of its own.
    mutating func strike(_ timeline: inout Timeline)
    /// What the user's barge-in leads to.
    mutating func strike(_ interruption: inout Reply, ofTurn turn: Int)
    /// A handle on its way to the client.
    mutating func strike(handle update: inout Draft)
    /// Which occasions it wants to see; the dice are thrown for no other.
    static var occasions: Occasions { get }
}

extension Fault {
    mutating func strike(_ opening: inout Opening) {}
    mutating func strike(_ setup: inout SetupReply) {}
    mutating func strike(_ reply: inout Reply) {}
    mutating func strike(_ timeline: inout Timeline) {}
    mutating func strike(_ interruption: inout Reply, ofTurn turn: Int) {}
    mutating func strike(handle update: inout Draft) {}
}

struct Occasions: OptionSet {
    let rawValue: UInt8
    static let opening = Occasions(rawValue: 1)
    static let setup = Occasions(rawValue: 2)
    static let reply = Occasions(rawValue: 4)
    static let timeline = Occasions(rawValue: 8)
    static let interruption = Occasions(rawValue: 16)
    static let handle = Occasions(rawValue: 32)
}

/// The upgrade, before it is answered.
struct Opening {
    /// An HTTP answer instead of 101.
    var refusal: (status: Int, body: String)?
}

/// A legal setup, before it is answered.
struct SetupReply {
    var delay: Interval
    /// `nil`: never answered.
    var answer: Deed?
    /// A resume that the model has forgotten nonetheless.
    var forgets = false
    var isResumed: Bool
}

/// What a connection does by the clock, from `setupComplete` on.
struct Timeline {
    var steps: [(after: Interval, deed: Deed)] = []
}

/// Every fault there is, by name.
let allFaults: [any Fault.Type] = [
    InternalError.self,
    Freeze.self,
    EmptyTurn.self,
    EndIgnored.self,
    SlowSetup.self,
    GoAway.self,
]

/// One fault of a scenario, and when it strikes.
public struct FaultPlan: Sendable {
    public let name: String
    var fault: any Fault
    var trigger: Trigger
}

/// When a fault strikes; what is not said is always true.
struct Trigger: Equatable, Sendable {
    var probability = 1.0
    /// Numbers of the turns, counted over the conversation; empty: all.
    var turns: [Int] = []
    /// Which connections of the conversation, from 1; empty: all.
    var connections: [Int] = []
    /// Strikes an input only the first so many times it is heard; 0: always.
    var attempts = 0
    /// Strikes so often in a conversation, then never again; 0: without end.
    var times = 0
    /// Only that long after the connection's setup, and not after `until`.
    var from = Interval.zero
    var until = Interval(nanoseconds: .max)

    struct Circumstances {
        var turn: Int?
        var attempt = 0
        var connection: Int
        var age: Interval
        var strikes: Int
    }

    func isDue(_ circumstances: Circumstances, _ random: inout SeededRandom) -> Bool {
        if let turn = circumstances.turn, !turns.isEmpty, !turns.contains(turn) { return false }
        if !connections.isEmpty, !connections.contains(circumstances.connection) { return false }
        if attempts > 0, circumstances.attempt >= attempts { return false }
        if times > 0, circumstances.strikes >= times { return false }
        if circumstances.age < from || circumstances.age > until { return false }
        return probability >= 1 || random.chance(probability)
    }
}
