import Basics

/// A way to misbehave. To add one: a file in `Faults/`, a type that conforms, and its line in
/// `allFaults`. It sees each occasion before it happens and changes what is planned; what it does
/// not define stays healthy. One instance serves one connection and may keep state.
protocol Fault: Sendable {
    /// As written in scenario files.
    static var name: String { get }
    /// One sentence for lists of faults.
    static var summary: String { get }
    /// Which part of the service it breaks, so that mixtures stay sensible.
    static var topic: Topic { get }
    /// Takes its own keys from `options`; what is left over is an error of the file.
    init(_ options: inout FaultOptions) throws(Complaint)

    mutating func strike(_ opening: inout Opening)
    mutating func strike(_ setup: inout SetupReply)
    /// Before an answer is composed.
    mutating func strike(_ mind: inout Mind)
    mutating func strike(_ reply: inout Reply)
    /// Once the setup is complete: what happens at times of its own.
    mutating func strike(_ timeline: inout Timeline)
    /// What the user's barge-in leads to.
    mutating func strike(_ interruption: inout Reply, ofTurn turn: Int)
    /// A handle on its way to the client.
    mutating func strike(_ issue: inout Issue)
    /// Which occasions it wants to see; the dice are thrown for no other.
    static var occasions: Occasions { get }

    /// Whether there is anything to break here; `false` leaves its trigger untouched.
    func concerns(_ reply: Reply) -> Bool
    func concerns(_ setup: SetupReply) -> Bool

    /// Whether the family can fail this way.
    static func suits(_ family: Family) -> Bool
    /// Options of its own for a random scenario, as a file would have them.
    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option]
}

extension Fault {
    static var topic: Topic { .speech }
    mutating func strike(_ opening: inout Opening) {}
    mutating func strike(_ setup: inout SetupReply) {}
    mutating func strike(_ mind: inout Mind) {}
    mutating func strike(_ reply: inout Reply) {}
    mutating func strike(_ timeline: inout Timeline) {}
    mutating func strike(_ interruption: inout Reply, ofTurn turn: Int) {}
    mutating func strike(_ issue: inout Issue) {}
    func concerns(_ reply: Reply) -> Bool { true }
    func concerns(_ setup: SetupReply) -> Bool { true }
    static func suits(_ family: Family) -> Bool { true }
    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] { [] }
}

struct Occasions: OptionSet {
    let rawValue: UInt8
    static let opening = Occasions(rawValue: 1)
    static let setup = Occasions(rawValue: 2)
    static let reply = Occasions(rawValue: 4)
    static let timeline = Occasions(rawValue: 8)
    static let interruption = Occasions(rawValue: 16)
    static let handle = Occasions(rawValue: 32)
    static let mind = Occasions(rawValue: 64)
}

/// What part of the service a fault breaks. A random mixture takes one of each at the most, but for
/// `speech`, where several may meet.
enum Topic: Hashable {
    /// The way in: upgrade and setup.
    case door
    /// How a connection ends.
    case farewell
    /// The socket below.
    case transport
    /// What handles are worth.
    case handles
    /// What a resumed conversation still knows.
    case context
    /// A model that stays mute.
    case wedge
    case hearing
    case tools
    case interruption
    case speech
}

/// One fault of a scenario, and when it strikes.
public struct FaultPlan: Sendable, CustomStringConvertible {
    public struct Option: Sendable, Equatable {
        public var key: String
        public var value: String

        init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    public let name: String
    /// What a file would have to say for it; empty where one did.
    public var options: [Option] = []
    var fault: any Fault
    var trigger: Trigger

    /// As a line of a scenario file.
    public var description: String {
        "\(name): { \(options.map { "\($0.key): \($0.value)" }.joined(separator: ", ")) }"
    }
}
