import Basics
import Testing

@testable import Policies

@Suite("Policies of a directory")
struct PolicySetTests {
    @Test("no files: the built-in defaults serve everyone")
    func noFiles() throws {
        let set = try read([]).get()
        #expect(set == .builtIn)
        #expect(set.defaultTenant?.policy == Policy())
        #expect(set.tenants.isEmpty)
    }

    @Test("an empty default.yaml, or one of comments only, is the built-in defaults")
    func emptyDefault() throws {
        for text in ["", "# nothing\n", "turns:\n# dead_air: 1s\n", "---\n", "{}"] {
            #expect(try readDefault(text) == Policy())
        }
    }

    @Test("models.yaml alone is not a tenant: everyone is served")
    func modelsAlone() throws {
        let set = try read([("models.yaml", "families: { gemini-3.8: { soft: 5s } }")]).get()
        #expect(set.defaultTenant?.policy == Policy())
        #expect(set.profiles.profile(for: "gemini-3.8-live").soft == .seconds(5))
    }

    @Test("what is stated is what files say, and nothing that is built in")
    func stated() throws {
        let files = [
            ("acme.yaml", "match: { keys: [env:A] }\nturns: { dead_air: 2s }"),
            ("models.yaml", "families: { gemini-3.8: { soft: 5s } }"),
        ]
        let text = try read(files).get().stated
        #expect(
            text == """
                tenant acme
                match.keys: [env:A]
                turns.dead_air: 2s
                family gemini-3.8
                soft: 5s

                """)
        // A comment, or a value in other words, is no other policy; a value that is built in as
        // well may differ in another version.
        let same = [
            (
                files[0].0,
                "# a comment\nmatch: { keys: [ \"env:A\" ] }\nturns: { dead_air: 2000ms }"
            ),
            files[1],
        ]
        #expect(try read(same).get().stated == text)
        #expect(try read(Array(files.prefix(1))).get().stated != text)
        #expect(PolicySet.builtIn.stated.split(separator: "\n").count <= 1)
    }

    @Test("tenants without a default.yaml: everyone else is refused")
    func othersRefused() throws {
        let set = try read([("acme.yaml", "match: { keys: [env:A] }")]).get()
        #expect(set.defaultTenant == nil)
        #expect(set.tenants.map(\.policy.tenant) == ["acme"])
    }

    @Test("a policy that a reload leaves as it was stays the same object")
    func keptPolicies() throws {
        let (file, match) = ("acme.yaml", "match: { keys: [env:A] }")
        let older = try read([("default.yaml", ""), (file, match)]).get()
        let read = try read([("default.yaml", ""), (file, match + "\nturns: { pause: 2s }")]).get()
        let newer = read.keeping(older)
        #expect(newer == read)
        #expect(newer.policy(of: "default") === older.policy(of: "default"))
        #expect(newer.policy(of: "acme") === read.policy(of: "acme"))
        #expect(newer.policy(of: "acme")?.value.turns.pause == .seconds(2))
        #expect(newer.policy(of: "nobody") == nil)
    }

    @Test("a reload tells sessions what it changes for them, and whether conversations notice")
    func renewals() throws {
        let base = "match: { keys: [env:A] }\n"
        func policies(_ changes: String, and others: [(String, String)] = []) throws -> PolicySet {
            try read([("default.yaml", ""), ("acme.yaml", base + changes)] + others).get()
        }
        let older = try policies("")
        let mine = try #require(older.policy(of: "acme"))
        let template = try #require(older.policy(of: "default"))
        func renewal(_ newer: PolicySet) -> PolicyRenewals {
            PolicyRenewals(from: older, to: newer.keeping(older))
        }
        for outside in [
            "limits: { sessions: 7 }", "budget: { day_usd: 5 }",
            "notify: { url: \"https://example.com/hook\", secret: env:S }",
        ] {
            let found = try #require(renewal(try policies(outside)).renewal(of: mine), "\(outside)")
            #expect(!found.changesConversations)
            #expect(found.policy.value != mine.value)
            #expect(renewal(try policies(outside)).renewal(of: template) == nil)
        }
        for inside in [
            "limits: { session: 7m }", "turns: { pause: 2s }", "log: { transcripts: false }",
        ] {
            #expect(renewal(try policies(inside)).renewal(of: mine)?.changesConversations == true)
        }
        // Removed, or as it was.
        #expect(renewal(try read([("default.yaml", "")]).get()).renewal(of: mine) == nil)
        #expect(renewal(try policies("")).renewal(of: mine) == nil)
        // From two reloads ago.
        let newest = PolicyRenewals(
            from: try policies("turns: { pause: 2s }"), to: try policies("turns: { pause: 3s }"))
        #expect(newest.renewal(of: mine)?.policy.value.turns.pause == .seconds(3))
        #expect(newest.renewal(of: mine)?.changesConversations == true)
    }

    @Test("every rule has its own place in a table, that of the list of all")
    func rulePlaces() {
        #expect(Rule.allCases.map(\.index) == Array(Rule.allCases.indices))
    }

    @Test("the file's name is the tenant's, unless the file says otherwise")
    func names() throws {
        let set = try read([
            ("some/dir/b.yaml", "match: { keys: [env:B] }"),
            ("some/dir/a.yaml", "tenant: zebra\nmatch: { keys: [env:A] }"),
        ]).get()
        #expect(set.tenants.map(\.policy.tenant) == ["b", "zebra"])
        #expect(set.tenant(named: "zebra")?.policy.match.keys == [.environment("A")])
        #expect(set.tenant(named: "a") == nil)
    }

    @Test("sections merge key by key; lists and maps are replaced; match is never inherited")
    func inheritance() throws {
        let set = try read([
            (
                "default.yaml",
                """
                match: { origins: ["https://everyone.example"] }
                upstream: { key: env:GEMINI, connect: 1s }
                turns: { dead_air: 2s, rules: { dead_air: observe, flush: off } }
                recovery: { backoff: [1s, 2s] }
                models: { pin: { a: b }, breaker: off }
                """
            ),
            (
                "acme.yaml",
                """
                inherits: default
                match: { keys: [env:A] }
                turns: { pause: 3s, rules: { flush: enforce } }
                recovery: { backoff: [9s] }
                models: { pin: { c: d } }
                """
            ),
            (
                "acme-eu.yaml",
                """
                inherits: acme
                match: { keys: [env:EU] }
                upstream: { key: null }
                models: { breaker: { probe: 2m } }
                """
            ),
            ("loner.yaml", "match: { keys: [env:L] }"),
        ]).get()
        let acme = try #require(set.tenant(named: "acme")?.policy)
        #expect(acme.upstream.key == .environment("GEMINI"))
        #expect(acme.match == .init(keys: [.environment("A")], origins: []))
        #expect(acme.turns.deadAir == .seconds(2))
        #expect(acme.turns.pause == .seconds(3))
        #expect(acme.turns.rules[.deadAir] == .observe)
        #expect(acme.turns.rules[.flush] == .enforce)
        #expect(acme.recovery.backoff == [.seconds(9)])
        #expect(acme.models.pin == ["c": "d"])
        #expect(acme.models.breaker == nil)

        let europe = try #require(set.tenant(named: "acme-eu")?.policy)
        #expect(europe.inherits == "acme")
        #expect(europe.tenant == "acme-eu")
        #expect(europe.upstream.key == nil)
        #expect(europe.turns.pause == .seconds(3))
        #expect(europe.models.breaker?.probe == .seconds(120))
        #expect(europe.models.breaker?.window == 10)

        let loner = try #require(set.tenant(named: "loner")?.policy)
        #expect(loner.upstream == .init())
    }

    @Test("inherits: default without a default.yaml means the built-in defaults")
    func inheritsBuiltIn() throws {
        let set = try read([("acme.yaml", "inherits: default\nmatch: { keys: [env:A] }")]).get()
        #expect(set.tenants.first?.policy.turns == Policy().turns)
    }

    @Test("a long chain of parents is read, an endless one refused, in any order of files")
    func chains() throws {
        func chain(_ count: Int) -> [(name: String, text: String)] {
            (0..<count).map { index in
                let parent = index == 0 ? "default" : "t\(index - 1)"
                return ("t\(index).yaml", "inherits: \(parent)\nmatch: { keys: [env:K\(index)] }")
            }
        }
        #expect(complaints(read(chain(16))) == [])
        #expect(complaints(read(Array(chain(16).reversed()))) == [])
        #expect(complaints(read(Array(chain(400).reversed()))).isEmpty == false)
    }

    @Test("explain names the file and line of every value, the built-in ones and the profile's")
    func explain() throws {
        let set = try read([
            ("P/default.yaml", "turns:\n  dead_air: 2s\n"),
            ("P/acme.yaml", "inherits: default\nmatch:\n  keys: [env:A]\nclient: { park: 1m }\n"),
            ("P/models.yaml", "families:\n  gemini-3.8:\n    soft: 5s\n"),
        ]).get()
        let lines = try #require(
            set.explain(tenant: "acme", model: "models/gemini-3.8-live"))
        func line(_ path: String) -> String? {
            lines.first { $0.path == path }.map { "\($0.value) (\($0.origin))" }
        }
        #expect(line("tenant") == "acme (built-in)")
        #expect(line("match.keys") == "[env:A] (P/acme.yaml:3)")
        #expect(line("turns.dead_air") == "2s (P/default.yaml:2)")
        #expect(line("client.park") == "60s (P/acme.yaml:4)")
        #expect(line("turns.pause") == "1s (built-in)")
        #expect(line("stalls.soft") == "5s (profile gemini-3.8, P/models.yaml:3)")
        #expect(line("stalls.hard") == "8s (profile gemini-3.8, built-in)")
        #expect(line("turns.flush") == "off (profile gemini-3.8, built-in)")
        #expect(line("profile") == "gemini-3.8 (built-in)")
        #expect(line("profile.pause") == "silence (built-in)")
        #expect(set.explain(tenant: "nobody", model: "x") == nil)
    }

    @Test("each rule of each file can be set separately")
    func rules() throws {
        for rule in Rule.allCases {
            for mode in Mode.allCases {
                let policy = try #require(
                    try readDefault("turns: { rules: { \(rule.rawValue): \(mode.rawValue) } }"))
                var expected = Policy()
                expected.turns.rules[rule] = mode
                #expect(policy == expected)
            }
        }
    }

    @Test("the switches of the contract: breaker, record, clocks, budgets")
    func switches() throws {
        let policy = try #require(
            try readDefault(
                """
                models: { breaker: off }
                log: { record: on }
                stalls: { soft: off, hard: 9s }
                turns: { flush: profile }
                budget: { session_usd: 0.5, day_usd: null, session_tokens: 5000000000 }
                """))
        #expect(policy.models.breaker == nil)
        #expect(policy.log.record == .on)
        #expect(policy.stalls.soft == .off)
        #expect(policy.stalls.hard == .value(.seconds(9)))
        #expect(policy.turns.flush == .profile)
        #expect(policy.budget.sessionMicroUSD == 500_000)
        #expect(policy.budget.dayMicroUSD == nil)
        #expect(policy.budget.sessionTokens == 5_000_000_000)
    }

    @Test("paths are unique and every section has one home")
    func tableIsSound() {
        let paths = Policy.schema.settings.map(\.path)
        #expect(Set(paths).count == paths.count)
        #expect(Policy.schema.settings.allSatisfy { !$0.meaning.isEmpty && !$0.example.isEmpty })
    }
}
