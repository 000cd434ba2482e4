public import Basics

extension Scenario {
    /// Names of the built-in scenarios.
    public static var builtInNames: [String] {
        plain.map(\.name) + Story.names + allFaults.map { $0.name }
    }

    /// Name and one-line description of every fault.
    public static var faultCatalogue: [(name: String, summary: String)] {
        allFaults.map { ($0.name, $0.summary) }
    }

    /// Names of the faults that a model's family can have; an unknown model counts as 2.5.
    public static func faults(suiting model: String) -> [String] {
        let family = Family.of(model) ?? .native25
        return allFaults.filter { $0.suits(family) }.map { $0.name }
    }

    /// The built-in scenario with that name. `scale` multiplies its durations.
    public static func named(_ name: String, scale: Double = 1) -> Scenario? {
        if let story = Story.named(name, scale: scale) { return story.scenario }
        if let type = allFaults.first(where: { $0.name == name }) { return alone(type, scale) }
        return plain.first { $0.name == name }
    }

    /// `healthy`, `strict` (the same, but also records what is merely dubious), `lenient` (records,
    /// never punishes), `quick` (does not wait for playback).
    private static var plain: [Scenario] {
        var strict = Scenario(name: "strict")
        strict.minimumActivity = .milliseconds(300)
        var lenient = Scenario(name: "lenient")
        lenient.isStrict = false
        var quick = Scenario(name: "quick")
        quick.playback = 0.02
        quick.latency = 0.2
        return [healthy, strict, lenient, quick]
    }

    private static func alone(_ type: any Fault.Type, _ scale: Double) -> Scenario? {
        let nowhere = Place(file: type.name, line: 1, column: 1)
        var options = FaultOptions(at: nowhere, scale: scale)
        guard let fault = try? type.init(&options) else { return nil }
        var scenario = Scenario(name: type.name)
        scenario.faults = [FaultPlan(name: type.name, fault: fault, trigger: Trigger())]
        return scenario
    }

    /// Reads a scenario file:
    ///
    ///     name: bad-day
    ///     playback: 0.5
    ///     faults:
    ///       - internal-error: { probability: 0.85, attempts: 1 }
    ///       - freeze: { turns: [3], for: 60s }
    ///
    /// Throws at the first thing that is not understood. `scale` multiplies the lengths of time of
    /// faults and of the connection limit.
    public init(_ tree: Tree, scale: Double = 1) throws(Complaint) {
        var options = try FaultOptions(tree)
        self.init(name: try options.text("name", default: tree.place.file))
        if let base = options.remove("extends") {
            let known = try ScenarioReader.text(base)
            guard let found = Scenario.named(known, scale: scale) else {
                throw Complaint(base.place, "there is no scenario '\(known)'")
            }
            let name = self.name
            self = found
            self.name = name
        }
        isStrict = try options.flag("strict", default: isStrict)
        playback = try options.number("playback", default: playback, in: 0...10)
        latency = try options.number("latency", default: latency, in: 0...100)
        silence = try options.interval("silence", default: silence)
        handleLife = try options.interval("handle_life", default: handleLife)
        sendsUsage = try options.flag("usage", default: sendsUsage)
        replyRepeats = try options.count("reply_repeats", default: replyRepeats)
        thinks = try options.interval("thinks", default: thinks)
        declines = try options.number("declines", default: declines, in: 0...1)
        callsToolEvery = try options.count("calls_tool_every", default: callsToolEvery)
        minimumActivity = try options.interval("minimum_activity", default: minimumActivity)
        if let limit = options.remove("connection_limit") {
            var keys = try FaultOptions(limit, scale: scale)
            connectionLimit = ConnectionLimit(
                after: try keys.interval("after", default: .seconds(540)),
                timeLeft: try keys.interval("time_left", default: .seconds(50)))
            try keys.finish("connection_limit")
        }
        if let end = options.remove("faults_end") { faultsEnd = try ScenarioReader.interval(end) }
        stampsReplies = try options.flag("stamps", default: stampsReplies)
        dictates = try options.flag("dictates", default: dictates)
        if let node = options.remove("first_sound") {
            firstSound = try ScenarioReader.interval(node)
        }
        if let node = options.remove("handle_every") {
            handleEvery = try ScenarioReader.interval(node)
        }
        if let node = options.remove("unknowns") { unknowns = try Unknowns(node) }
        if let list = options.remove("faults") { faults += try ScenarioReader.faults(list, scale) }
        try options.finish("scenario")
    }
}

enum ScenarioReader {
    static func faults(_ tree: Tree, _ scale: Double) throws(Complaint) -> [FaultPlan] {
        guard case .sequence(let list, _) = tree else {
            throw Complaint(tree.place, "faults must be a list")
        }
        var plans: [FaultPlan] = []
        for entry in list {
            switch entry {
            case .scalar(let name, let place, _):
                plans.append(try plan(name, place, .null(place), scale))
            case .mapping(let members, let place):
                guard members.count == 1, let member = members.first else {
                    throw Complaint(place, "one fault per list entry, as 'name: { ... }'")
                }
                plans.append(try plan(member.key, member.keyPlace, member.value, scale))
            case .null(let place), .sequence(_, let place):
                throw Complaint(place, "expected the name of a fault")
            }
        }
        return plans
    }

    private static func plan(
        _ name: String, _ place: Place, _ value: Tree, _ scale: Double
    ) throws(Complaint) -> FaultPlan {
        guard let type = allFaults.first(where: { $0.name == name }) else {
            let known = allFaults.map { $0.name }.joined(separator: ", ")
            throw Complaint(place, "there is no fault '\(name)'; there are \(known)")
        }
        var options = try FaultOptions(value, scale: scale)
        let trigger = try options.trigger()
        let fault = try type.init(&options)
        try options.finish(name)
        return FaultPlan(name: name, fault: fault, trigger: trigger)
    }

    /// A fault with options from a program.
    static func plan(
        _ name: String, _ written: [FaultPlan.Option], scale: Double = 1
    ) throws(Complaint) -> FaultPlan {
        let place = Place(file: name, line: 1, column: 1)
        guard let type = allFaults.first(where: { $0.name == name }) else {
            throw Complaint(place, "there is no fault '\(name)'")
        }
        var options = FaultOptions(written, at: place, scale: scale)
        let trigger = try options.trigger()
        let fault = try type.init(&options)
        try options.finish(name)
        return FaultPlan(name: name, options: written, fault: fault, trigger: trigger)
    }

    static func text(_ tree: Tree) throws(Complaint) -> String {
        guard case .scalar(let text, _, _) = tree else {
            throw Complaint(tree.place, "expected a word")
        }
        return text
    }

    static func flag(_ tree: Tree) throws(Complaint) -> Bool {
        switch try text(tree) {
        case "true": true
        case "false": false
        default: throw Complaint(tree.place, "expected true or false")
        }
    }

    static func count(_ tree: Tree) throws(Complaint) -> Int {
        guard let value = Int(try text(tree)), value >= 0 else {
            throw Complaint(tree.place, "expected a whole number")
        }
        return value
    }

    static func number(
        _ tree: Tree, in range: ClosedRange<Double>
    ) throws(Complaint) -> Double {
        guard let value = Double(try text(tree)), range.contains(value) else {
            throw Complaint(
                tree.place,
                "expected a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// `300ms`, `1.2s`, `10m`, `2h`.
    static func interval(_ tree: Tree) throws(Complaint) -> Interval {
        let word = try text(tree)
        for (unit, seconds) in [("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)]
        where word.hasSuffix(unit) {
            guard let value = Double(word.dropLast(unit.count)), value >= 0,
                value * seconds < 1e9
            else {
                break
            }
            return Interval(nanoseconds: Int64(value * seconds * 1e9))
        }
        throw Complaint(tree.place, "expected a duration such as 300ms, 1.2s or 10m")
    }
}
