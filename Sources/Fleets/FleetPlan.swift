import Basics

/// What the seed of a fleet leads to: how many there are of each, and what befalls them.
struct FleetPlan {
    struct Window {
        var from: Instant
        var to: Instant

        func contains(_ at: Instant) -> Bool { from <= at && at < to }
    }

    enum Blow {
        /// The process is killed; its machine too, which nobody hears of for a while.
        case crash(node: Int, isMachine: Bool)
        /// A new process in its place, with the files of the old one.
        case start(node: Int)
        /// It is told to end (SIGTERM); a new one follows.
        case drain(node: Int)
        /// The balancer drops all connections of clients.
        case cut
    }

    let seed: UInt64
    var nodes = 2
    /// Clients with a conversation; each of one tenant.
    var clients = 3
    var turns = 4
    /// Clients with one token, which is good for so many sessions; 0: none.
    var visitors = 0
    var tokenUses = 0
    /// Of the tenant over all nodes.
    var sessions = 100
    /// In millionths of a dollar; nil: none.
    var budget: Int64?
    /// A day of the budget ends this long after the beginning.
    var midnight = Interval.seconds(3600)
    /// By node: how far its clock is ahead.
    var skew: [Interval] = []
    var parks = true
    /// Clients go elsewhere as soon as they have a new handle, now and then.
    var areRestless = false
    var blows: [(at: Instant, blow: Blow)] = []
    /// The database stands still, or is away.
    var outages: [Window] = []
    var partitions: [(node: Int, window: Window)] = []
    var slow: [Window] = []
    /// How often a connection to the database breaks in the middle of a statement.
    var breaks = 0.0
    /// Of the database, in milliseconds: ordinary, and while it is slow.
    var latency: Int64 = 3
    var slowLatency: Int64 = 300
    /// Of clients and of gemini.
    var network: ClosedRange<Int64> = 2...40
    /// All faults are over.
    let healed = Instant(nanoseconds: 60_000_000_000)

    init(seed: UInt64) {
        self.seed = seed
        var random = SeededRandom(seed: seed ^ 0x666c_6565_74)
        func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        func moment(_ seconds: ClosedRange<Int>) -> Instant {
            Instant(
                nanoseconds: Int64(draw(seconds)) * 1_000_000_000
                    + Int64(draw(0...999)) * 1_000_000)
        }
        func window(_ longest: Int) -> Window {
            let from = moment(1...30)
            return Window(from: from, to: from + .milliseconds(Int64(draw(200...longest * 1000))))
        }
        nodes = draw(2...4)
        clients = draw(1...6)
        turns = draw(2...6)
        parks = random.chance(0.7)
        skew = (0..<nodes).map { _ in .zero }
        if random.chance(0.3) {
            skew = skew.map { _ in .milliseconds(Int64(draw(-90_000...90_000))) }
        }
        if random.chance(0.3) {
            tokenUses = draw(1...4)
            visitors = draw(2...8)
        }
        if random.chance(0.4) { sessions = draw(1...max(2, clients)) }
        if random.chance(0.5) { budget = Int64(draw(10...150)) }
        if random.chance(0.2) { midnight = .seconds(Int64(draw(5...40))) }
        network = 1...Int64(draw(2...120))
        latency = Int64(draw(1...20))
        for node in 0..<nodes where random.chance(0.5) {
            let at = moment(1...35)
            let isDrain = random.chance(0.4)
            let isMachine = random.chance(0.3)
            blows.append(
                (at, isDrain ? .drain(node: node) : .crash(node: node, isMachine: isMachine)))
            if !isDrain {
                blows.append((at + .milliseconds(Int64(draw(300...20_000))), .start(node: node)))
            }
        }
        if random.chance(0.2) {
            // A new version, one node after another.
            blows = (0..<nodes).map { (moment(2...3) + .seconds(Int64($0 * 6)), .drain(node: $0)) }
        }
        for _ in 0..<draw(0...3) where random.chance(0.5) { blows.append((moment(1...40), .cut)) }
        if random.chance(0.35) { outages = (0..<draw(1...2)).map { _ in window(20) } }
        for node in 0..<nodes where random.chance(0.3) { partitions.append((node, window(25))) }
        if random.chance(0.3) {
            slow = [window(20)]
            slowLatency = Int64(draw(50...2500))
        }
        if random.chance(0.3) { breaks = Double(draw(1...20)) / 1000 }
        areRestless = random.chance(0.15)
    }

    /// Whether the node's statements reach the database, and its answers come back.
    func reaches(_ node: Int, at now: Instant) -> Bool {
        !outages.contains { $0.contains(now) }
            && !partitions.contains { $0.node == node && $0.window.contains(now) }
    }

    /// When it does again.
    func healing(_ node: Int, at now: Instant) -> Instant {
        let windows = outages + partitions.filter { $0.node == node }.map(\.window)
        return windows.filter { $0.contains(now) }.map(\.to).max() ?? now
    }

    /// Whether nothing has kept the node from the database since then.
    func wasWell(_ node: Int, from: Instant, to: Instant) -> Bool {
        if breaks > 0 { return false }
        func overlaps(_ window: Window) -> Bool { window.from <= to && from <= window.to }
        return !outages.contains(where: overlaps) && !slow.contains(where: overlaps)
            && !partitions.contains { $0.node == node && overlaps($0.window) }
    }

    func databaseLatency(at now: Instant, _ random: inout SeededRandom) -> Interval {
        let most = slow.contains { $0.contains(now) } ? slowLatency : latency
        return .milliseconds(Int64.random(in: max(1, most / 2)...most, using: &random))
    }

    var description: String {
        func seconds(_ at: Instant) -> String { "\(Double(at.nanoseconds) / 1e9)" }
        func text(_ window: Window) -> String { "\(seconds(window.from))-\(seconds(window.to)) s" }
        return """
            \(nodes) nodes, \(clients) clients of \(turns) turns, \(visitors) visitors with a token \
            of \(tokenUses) uses, \(sessions) sessions, budget \(budget.map { "\($0)" } ?? "none"), \
            midnight after \(midnight), \(parks ? "parks" : "does not park"), \(areRestless ? "restless" : "patient") clients
            database \(latency) ms, slow (\(slowLatency) ms) \(slow.map(text)), away \(outages.map(text)), \
            breaks \(breaks), out of reach \(partitions.map { "node \($0.node) \(text($0.window))" })
            \(blows.map { "\(seconds($0.at)) s \($0.blow)" })
            """
    }
}
