import Basics

/// When a fault occurs; unset conditions always hold.
struct Trigger: Equatable, Sendable {
    var probability = 1.0
    /// Numbers of the turns, counted over the conversation; empty: all. For a handle: how many
    /// turns there were.
    var turns: [Int] = []
    /// Which connections of the conversation, from 1; empty: all.
    var connections: [Int] = []
    /// Affects an input only the first so many times it is received; 0: always.
    var attempts = 0
    /// Affects an answer only until it has been nudged so many times; 0: always.
    var nudges = 0
    /// At most so often in a conversation; 0: unlimited.
    var times = 0
    /// At most so often in all conversations of the service together; 0: unlimited.
    var total = 0
    /// Only models whose name begins with this; empty: all.
    var models: [String] = []
    /// Only this long after the connection's setup, and not after `until`.
    var from = Interval.zero
    var until = Interval(nanoseconds: .max)

    struct Circumstances {
        var model = ""
        var turn: Int?
        var attempt = 0
        var nudge = 0
        var connection: Int
        var age: Interval
        var strikes: Int
        var totalStrikes: Int
    }

    func isDue(_ circumstances: Circumstances, _ random: inout SeededRandom) -> Bool {
        if let turn = circumstances.turn, !turns.isEmpty, !turns.contains(turn) { return false }
        if !connections.isEmpty, !connections.contains(circumstances.connection) { return false }
        if attempts > 0, circumstances.attempt >= attempts { return false }
        if nudges > 0, circumstances.nudge >= nudges { return false }
        if times > 0, circumstances.strikes >= times { return false }
        if total > 0, circumstances.totalStrikes >= total { return false }
        if !models.isEmpty, !models.contains(where: { circumstances.model.hasPrefix($0) }) {
            return false
        }
        if circumstances.age < from || circumstances.age > until { return false }
        return probability >= 1 || random.chance(probability)
    }
}
