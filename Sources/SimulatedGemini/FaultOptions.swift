import Basics

/// The keys a scenario file gives a fault. Each reader takes its key away; `finish` complains of
/// the rest, so that a misspelt key never passes for a default.
struct FaultOptions {
    private var members: [(key: String, keyPlace: Place, value: Tree)]
    private let place: Place

    /// A fault without any options.
    init(at place: Place) {
        members = []
        self.place = place
    }

    init(_ tree: Tree) throws(Complaint) {
        place = tree.place
        switch tree {
        case .null: members = []
        case .mapping(let list, _): members = list
        case .scalar, .sequence:
            throw Complaint(tree.place, "options must be a mapping of keys to values")
        }
    }

    mutating func take(_ key: String) -> Tree? {
        guard let index = members.firstIndex(where: { $0.key == key }) else { return nil }
        return members.remove(at: index).value
    }

    mutating func interval(_ key: String, default value: Interval) throws(Complaint) -> Interval {
        guard let tree = take(key) else { return value }
        return try ScenarioReader.interval(tree)
    }

    mutating func number(
        _ key: String, default value: Double, in range: ClosedRange<Double>
    ) throws(Complaint) -> Double {
        guard let tree = take(key) else { return value }
        return try ScenarioReader.number(tree, in: range)
    }

    mutating func count(_ key: String, default value: Int) throws(Complaint) -> Int {
        guard let tree = take(key) else { return value }
        return try ScenarioReader.count(tree)
    }

    mutating func counts(_ key: String) throws(Complaint) -> [Int] {
        guard let tree = take(key) else { return [] }
        guard case .sequence(let list, _) = tree else { return [try ScenarioReader.count(tree)] }
        var found: [Int] = []
        for element in list { found.append(try ScenarioReader.count(element)) }
        return found
    }

    mutating func flag(_ key: String, default value: Bool) throws(Complaint) -> Bool {
        guard let tree = take(key) else { return value }
        return try ScenarioReader.flag(tree)
    }

    mutating func text(_ key: String, default value: String) throws(Complaint) -> String {
        guard let tree = take(key) else { return value }
        return try ScenarioReader.text(tree)
    }

    mutating func trigger() throws(Complaint) -> Trigger {
        var trigger = Trigger()
        trigger.probability = try number("probability", default: 1, in: 0...1)
        trigger.turns = try counts("turns")
        trigger.connections = try counts("connections")
        trigger.attempts = try count("attempts", default: 0)
        trigger.times = try count("times", default: 0)
        trigger.from = try interval("from", default: .zero)
        trigger.until = try interval("until", default: Interval(nanoseconds: .max))
        return trigger
    }

    func finish(_ owner: String) throws(Complaint) {
        if let left = members.first {
            throw Complaint(left.keyPlace, "'\(owner)' has no key '\(left.key)'")
        }
    }
}
