import Basics

/// The keys that a scenario file gives a fault. Reading a key removes it; `finish` complains about
/// the rest, so that a misspelt key is never ignored.
struct FaultOptions {
    private var members: [(key: String, keyPlace: Place, value: Tree)]
    private let place: Place
    /// Durations are multiplied by it.
    private let scale: Double

    /// A fault without any options.
    init(at place: Place, scale: Double = 1) {
        members = []
        self.place = place
        self.scale = scale
    }

    /// Keys with several values; a program separates them by spaces.
    private static let lists: Set = ["turns", "connections", "models"]

    /// Options from a program.
    init(_ options: [FaultPlan.Option], at place: Place, scale: Double = 1) {
        members = options.map { option in
            let isList = FaultOptions.lists.contains(option.key)
            let words = option.value.split(separator: " ")
            let value: Tree =
                isList
                ? .sequence(words.map { .scalar(String($0), place, quoted: false) }, place)
                : .scalar(option.value, place, quoted: false)
            return (option.key, place, value)
        }
        self.place = place
        self.scale = scale
    }

    init(_ tree: Tree, scale: Double = 1) throws(Complaint) {
        place = tree.place
        self.scale = scale
        switch tree {
        case .null: members = []
        case .mapping(let list, _): members = list
        case .scalar, .sequence:
            throw Complaint(tree.place, "options must be a mapping of keys to values")
        }
    }

    mutating func remove(_ key: String) -> Tree? {
        guard let index = members.firstIndex(where: { $0.key == key }) else { return nil }
        return members.remove(at: index).value
    }

    mutating func interval(_ key: String, default value: Interval) throws(Complaint) -> Interval {
        guard let tree = remove(key) else { return scaled(value) }
        return scaled(try ScenarioReader.interval(tree))
    }

    private func scaled(_ interval: Interval) -> Interval {
        if scale == 1 { return interval }
        return Interval(nanoseconds: Int64(Double(interval.nanoseconds) * scale))
    }

    mutating func number(
        _ key: String, default value: Double, in range: ClosedRange<Double>
    ) throws(Complaint) -> Double {
        guard let tree = remove(key) else { return value }
        return try ScenarioReader.number(tree, in: range)
    }

    mutating func count(_ key: String, default value: Int) throws(Complaint) -> Int {
        guard let tree = remove(key) else { return value }
        return try ScenarioReader.count(tree)
    }

    mutating func counts(_ key: String) throws(Complaint) -> [Int] {
        guard let tree = remove(key) else { return [] }
        guard case .sequence(let list, _) = tree else { return [try ScenarioReader.count(tree)] }
        var found: [Int] = []
        for element in list { found.append(try ScenarioReader.count(element)) }
        return found
    }

    mutating func flag(_ key: String, default value: Bool) throws(Complaint) -> Bool {
        guard let tree = remove(key) else { return value }
        return try ScenarioReader.flag(tree)
    }

    mutating func text(_ key: String, default value: String) throws(Complaint) -> String {
        guard let tree = remove(key) else { return value }
        return try ScenarioReader.text(tree)
    }

    mutating func texts(_ key: String) throws(Complaint) -> [String] {
        guard let tree = remove(key) else { return [] }
        guard case .sequence(let list, _) = tree else { return [try ScenarioReader.text(tree)] }
        var found: [String] = []
        for element in list { found.append(try ScenarioReader.text(element)) }
        return found
    }

    mutating func number(_ key: String, default value: UInt16) throws(Complaint) -> UInt16 {
        guard let tree = remove(key) else { return value }
        guard let code = UInt16(try ScenarioReader.text(tree)) else {
            throw Complaint(tree.place, "expected a close code")
        }
        return code
    }

    mutating func trigger() throws(Complaint) -> Trigger {
        var trigger = Trigger()
        trigger.probability = try number("probability", default: 1, in: 0...1)
        trigger.turns = try counts("turns")
        trigger.connections = try counts("connections")
        trigger.attempts = try count("attempts", default: 0)
        trigger.nudges = try count("nudges", default: 0)
        trigger.times = try count("times", default: 0)
        trigger.total = try count("total", default: 0)
        trigger.models = try texts("models")
        trigger.from = try interval("from", default: .zero)
        if let until = remove("until") {
            trigger.until = scaled(try ScenarioReader.interval(until))
        }
        return trigger
    }

    func finish(_ owner: String) throws(Complaint) {
        if let left = members.first {
            throw Complaint(left.keyPlace, "'\(owner)' has no key '\(left.key)'")
        }
    }
}
