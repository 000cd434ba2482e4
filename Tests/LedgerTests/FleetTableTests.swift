import Basics
import CLinux
import Fleets
import Sharing
import Testing

@testable import Ledger

/// The simulation of a fleet has its tables as values. Here they and PostgreSQL are asked the same.
@Suite("Tables of a simulated fleet", .enabled(if: TestPostgres.programs != nil))
struct FleetTableTests {
    private let now = Instant(nanoseconds: 0)

    @Test(
        "conversations are kept, refused and claimed alike", arguments: [1, 2, 3, 5] as [UInt64]
    )
    func conversations(seed: UInt64) throws {
        let postgres = try Shelf(.postgres).migrated()
        var table = ConversationTable()
        var random = SeededRandom(seed: seed)
        func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        var heard: [Superseded] = []
        var claims: [(digest: String, generation: Int64)] = []
        /// Who wrote each of them last.
        var writers: [String: (process: String, generation: Int64)] = [:]
        var counts = (
            refused: 0, late: 0, taken: 0, gone: 0, told: 0, older: 0, renewed: 0, lost: 0,
            seated: 0
        )
        try postgres.run(
            "INSERT INTO processes VALUES (?, 'one', '', '', '', 0, 0)", [.text("p1")])
        for step in 0..<600 {
            // Whoever drives a conversation writes on, or anybody does anything.
            let driven = writers.sorted { $0.key < $1.key }.randomElement(using: &random).flatMap {
                random.chance(0.3) ? (digest: $0.key, by: $0.value) : nil
            }
            let process = driven?.by.process ?? "p\(draw(1...3))"
            let driver = Driver(node: "of \(process)", process: process)
            let tenant = random.chance(0.9) ? "acme" : "other"
            switch driven == nil ? draw(0...5) : 0 {
            case 0, 1:
                let digests =
                    driven.map { [$0.digest] }
                    ?? Set((0..<draw(1...3)).map { _ in "d\(draw(1...5))" }).sorted()
                let rows = digests.map { digest in
                    ConversationTable.Row(
                        digest: digest, generation: driven?.by.generation ?? Int64(draw(1...6)),
                        session: "s \"\(step)\"", tenant: tenant, isOver: random.chance(0.3),
                        leavesPlace: random.chance(0.5), key: "k\(draw(1...2))",
                        text: "text \(step)")
                }
                let mine = table.keep(rows, by: process, at: now)
                let its = try postgres.keep(rows.map(\.kept), by: driver)
                #expect(its == mine)
                for row in rows where !mine.refused.contains(row.digest) {
                    writers[row.digest] = (process, row.generation)
                }
                counts.refused += mine.refused.count
                counts.late += mine.superseded.count - mine.refused.count
            case 2:
                let keys = draw(0...2) == 0 ? ["k1"] : ["k1", "k2"]
                let digest = "d\(draw(1...6))"
                // Some clients came long ago.
                let (moment, old) = (Instant(nanoseconds: tk_now()), draw(0...3) == 0)
                let asked = old ? moment + .seconds(-10) : moment
                let mine = table.claim(
                    digest, tenant: tenant, keys: keys, asked: asked, by: process, at: now)
                let claim = ConversationClaim(
                    digest: digest, tenant: tenant, session: "s\(step)", asked: asked)
                let its = try postgres.claim([claim], keys: keys, at: moment, by: driver)[0]
                #expect(its.isEqual(to: mine), "\(its) \(mine)")
                if mine == .superseded { counts.older += 1 }
                if case .claimed(let generation, _) = mine { claims.append((digest, generation)) }
            case 3:
                guard let (digest, generation) = claims.last else { continue }
                claims.removeLast()
                let mine = table.take(
                    digest, generation, session: "s\(step)", by: process, at: now,
                    isThere: { $0 == "p1" })
                let wish = ConversationTake(
                    digest: digest, generation: generation, session: "s\(step)")
                let its = try postgres.take([wish], by: driver)[0]
                #expect(its?.key == mine?.key && its?.text == mine?.text)
                #expect(its?.hasPlace == mine?.hasPlace)
                if mine == nil { counts.gone += 1 } else { counts.taken += 1 }
                if mine?.hasPlace == true { counts.seated += 1 }
            case 4:
                let digest = writers.keys.sorted().randomElement(using: &random) ?? "d6"
                let moment = Instant(nanoseconds: tk_now())
                let asked = draw(0...3) == 0 ? moment + .seconds(-10) : moment
                let mine = table.renew(digest, session: "s\(step)", asked: asked, by: process)
                let claim = ConversationClaim(
                    digest: digest, tenant: "", session: "s\(step)", asked: asked)
                switch (try postgres.renew([claim], at: moment, by: driver)[0], mine) {
                case (.unknown, .none): break
                case (.superseded, .some(.none)): counts.lost += 1
                case (.renewed(let its), .some(.some(let generation))):
                    #expect(its == generation)
                    counts.renewed += 1
                case (let its, _): Issue.record("\(its), \(String(describing: mine))")
                }
            default:
                let mine = table.superseded(of: process)
                let its = try postgres.superseded(of: driver).sorted { $0.digest < $1.digest }
                #expect(mine == its)
                counts.told += mine.count
                // Now and then it is late, and something was taken again meanwhile.
                heard = random.chance(0.3) ? heard : mine
                table.acknowledge(heard, of: process)
                try postgres.acknowledge(heard, of: driver)
            }
        }
        #expect(counts.refused > 0 && counts.late > 0, "\(counts)")
        #expect(counts.seated > 0 && counts.taken > counts.seated, "\(counts)")
        #expect(counts.taken > 0 && counts.gone > 0 && counts.told > 0, "\(counts)")
        #expect(counts.older > 0 && counts.renewed > 0 && counts.lost > 0, "\(counts)")
    }

    @Test(
        "uses of tokens are counted and given back alike", arguments: 1...3 as ClosedRange<UInt64>)
    func tokens(seed: UInt64) throws {
        let shelf = try Shelf(.postgres)
        let state = SharedState(try #require(shelf.address), node: "n", process: "p1")
        let tokens = SharedTokens(state, key: [1])
        try state.start(patience: .seconds(20))
        let postgres = try shelf.postgres()
        var table = TokenTable()
        var random = SeededRandom(seed: seed)
        func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        for number in 1...3 {
            let made = Answer<Result<SharedTokens.Minted, SharedState.Failure>>()
            tokens.mint(most: (100, 1000)) { now in
                .success(
                    SharedTokens.Token(
                        digest: "t\(number)", tenant: "acme", expires: now + .seconds(1000),
                        newSessionsUntil: now + .seconds(1000), uses: number - 1, setup: "",
                        mask: "", endUser: ""))
            } then: {
                made.give($0)
            }
            #expect(try made.wait().get() == .made)
            table.mint("t\(number)", uses: number - 1)
        }
        var refused = 0
        for _ in 0..<120 {
            let use = TokenTable.Use(digest: "t\(draw(1...4))", session: "s\(draw(1...9))")
            if random.chance(0.6) {
                let answer = Answer<Result<SharedTokens.Visit?, SharedState.Failure>>()
                tokens.visit(use.digest, session: use.session) { answer.give($0) }
                switch (table.visit(use), try answer.wait()) {
                case (.use, .success(let visit)): #expect(visit?.isUse == true)
                case (.noUse, .success(let visit)):
                    #expect(visit?.isUse != true)
                    // It was given back, or has come before.
                    if visit == nil, use.digest != "t4" { refused += 1 }
                case (let mine, let its): Issue.record("\(use): \(mine) \(its)")
                }
            } else {
                table.giveBack([use])
                tokens.giveBack(use.digest, session: use.session)
                guard use.digest != "t4" else { continue }
                state.hasten()
                let given =
                    "SELECT count(*) FROM token_uses WHERE token = '\(use.digest)' "
                    + "AND session = '\(use.session)' AND is_given_back = 1"
                until { (try? postgres.integer(given)) == 1 }
            }
            for number in 1...3 {
                var used: Int64 = 0
                try postgres.query(
                    "SELECT used FROM client_tokens WHERE digest = ?", [.text("t\(number)")]
                ) { used = $0.integer(0) }
                #expect(table.used("t\(number)").map { Int64($0) } == used)
            }
        }
        #expect(refused > 0)
        state.close(within: .seconds(60))
    }

    @Test("places are granted, and read by others, alike", arguments: 1...3 as ClosedRange<UInt64>)
    func places(seed: UInt64) throws {
        let postgres = try Shelf(.postgres).migrated()
        var table = PlaceTable()
        var readers: [String: (mine: OtherPlaces, its: OtherPlaces)] = [:]
        var random = SeededRandom(seed: seed)
        func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        let window = Interval.seconds(15)
        var granted = 0
        for _ in 0..<200 {
            let process = "p\(draw(1...4))"
            switch draw(0...6) {
            case 0:
                let isDraining = random.chance(0.3)
                // Heard of long ago, so that it holds nothing.
                let age = random.chance(0.3) ? 20 : 0
                table.present(
                    process, isDraining: isDraining, at: now + .seconds(Int64(-age)))
                try postgres.run(
                    """
                    INSERT INTO processes VALUES (?1, 'n', '', '', '', 0, ?2, now(),
                        now() - ?3 * interval '1 second')
                        ON CONFLICT (id) DO UPDATE SET seen = excluded.seen,
                            is_draining = excluded.is_draining
                    """, [.text(process), .integer(isDraining ? 1 : 0), .integer(Int64(age))])
            case 1, 2:
                let tenants = random.chance(0.5) ? ["acme"] : ["acme", "beta"]
                let entries = tenants.map { tenant in
                    let held = draw(0...5)
                    return PlaceRounds.Entry(
                        tenant: tenant, limit: 10,
                        claim: PlaceClaim(used: draw(0...held), held: held, wanted: draw(0...2)),
                        target: held + draw(0...9))
                }
                let mine = table.save(entries, by: process, within: window, at: now)
                let its = try SharedPlaces.save(entries, by: process, postgres, window)
                #expect(mine == its)
                granted += entries.count { mine[$0.tenant] != $0.target }
            case 3:
                table.bury(process)
                try SharedPlaces.bury(process, postgres)
            default:
                var (mine, its) = readers[process] ?? (OtherPlaces(), OtherPlaces())
                let next = table.horizon
                mine.hear(table.present(within: window, at: now), as: process)
                mine.hear(table.changes(since: mine.horizon, except: process), upTo: next)
                try its.read(postgres, as: process, window)
                for tenant in ["acme", "beta"] { #expect(mine[tenant] == its[tenant]) }
                #expect(mine.processes == its.processes && mine.isLeaving == its.isLeaving)
                readers[process] = (mine, its)
            }
        }
        #expect(granted > 0)
    }

    @Test("what was spent is written alike, by its process and by a later one")
    func spending() throws {
        let postgres = try Shelf(.postgres).migrated()
        var table = SpendingTable()
        var random = SeededRandom(seed: 7)
        func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        for _ in 0..<200 {
            let writer = "p\(draw(1...3))"
            let keys = Set(
                (0..<draw(1...3)).map { _ in
                    SpendingTable.Key(
                        day: Int64(draw(7...8)), tenant: "acme", process: "p\(draw(1...3))")
                })
            let rows = keys.map { (key: $0, cost: Int64(draw(0...9))) }
            table.write(rows, by: writer)
            try SharedSpending.write(
                rows.map {
                    Spending(
                        day: $0.key.day, tenant: $0.key.tenant, process: $0.key.process,
                        cost: $0.cost)
                }, by: writer, postgres)
            for day in 7...8 as ClosedRange<Int64> {
                var its: [String: Int64] = [:]
                try postgres.query(
                    "SELECT process, cost FROM spending WHERE day = ?", [.integer(day)]
                ) {
                    its[$0.text(0)] = $0.integer(1)
                }
                let mine = table.changes(since: 0, on: day, except: "nobody")
                #expect(Dictionary(uniqueKeysWithValues: mine.map { ($0.process, $0.cost) }) == its)
            }
        }
    }
}

extension Shelf {
    fileprivate func migrated() throws -> Postgres {
        let made = try postgres()
        try PostgresSchema.migrate(made)
        return made
    }
}

extension ConversationTable.Row {
    fileprivate var kept: KeptConversation {
        KeptConversation(
            digest: digest, generation: generation, session: session, tenant: tenant,
            isOver: isOver, leavesPlace: leavesPlace, key: key, text: text)
    }
}

extension KeptConversation.Claimed {
    fileprivate func isEqual(to other: ConversationTable.Claimed) -> Bool {
        switch (self, other) {
        case (.claimed(let generation, let isDriven), .claimed(let mine, let mineDriven)):
            generation == mine && isDriven == mineDriven
        case (.foreign, .foreign), (.unknown, .unknown), (.superseded, .superseded): true
        case (.sealed(let key), .sealed(let mine)): key == mine
        default: false
        }
    }
}
