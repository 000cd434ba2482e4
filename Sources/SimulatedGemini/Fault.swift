import Basics

/// A way to misbehave. To add one: a file in `Faults/`, a conforming type, and its line in
/// `allFaults`. A fault sees each occasion before it happens and changes the plan; what it does not
/// change stays healthy. One instance serves one connection and may keep state.
protocol Fault: Sendable {
    /// As in scenario files.
    static var name: String { get }
    /// One sentence, for lists of faults.
    static var summary: String { get }
    /// The part of the service that it breaks, so that mixtures stay sensible.
    static var topic: Topic { get }
    /// Removes its own keys from `options`; remaining ones are an error in the file.
    init(_ options: inout FaultOptions) throws(Complaint)

    mutating func strike(_ opening: inout Opening)
    mutating func strike(_ setup: inout SetupReply)
    /// Before an answer is composed.
    mutating func strike(_ mind: inout Mind)
    mutating func strike(_ reply: inout Reply)
    /// When the setup is complete: what happens at its own times.
    mutating func strike(_ timeline: inout Timeline)
    /// The effect of the user's barge-in.
    mutating func strike(_ interruption: inout Reply, ofTurn turn: Int)
    /// A handle about to be sent to the client.
    mutating func strike(_ issue: inout Issue)
    /// The occasions it needs; no random numbers are drawn for others.
    static var occasions: Occasions { get }

    /// Whether there is anything to break; `false` leaves its trigger untouched.
    func concerns(_ reply: Reply) -> Bool
    func concerns(_ setup: SetupReply) -> Bool

    /// Whether the family can fail this way.
    static func suits(_ family: Family) -> Bool
    /// Random options, in the form of a scenario file.
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

/// The part of the service that a fault breaks. A random mixture has at most one fault of each
/// part, except of `speech`.
enum Topic: Hashable {
    /// Upgrade and setup.
    case door
    /// How a connection ends.
    case farewell
    /// The socket.
    case transport
    /// The validity of handles.
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

/// One fault of a scenario, and when it occurs.
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
    /// Its options as in a file; empty if it was read from one.
    public var options: [Option] = []
    var fault: any Fault
    var trigger: Trigger

    /// As a line of a scenario file.
    public var description: String {
        "\(name): { \(options.map { "\($0.key): \($0.value)" }.joined(separator: ", ")) }"
    }
}
