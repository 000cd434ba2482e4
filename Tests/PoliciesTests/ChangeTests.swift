import Basics
import Testing

@testable import Policies

@Suite("What a reload changes, and what was probably not meant")
struct ChangeTests {
    private static let acme = "match: { keys: [env:A] }\n"

    @Test("the changed keys of each tenant, those that are new, and those that are gone")
    func changes() throws {
        let old = try read([
            ("acme.yaml", Self.acme + "budget: { day_usd: 1 }"),
            ("gone.yaml", "match: { keys: [env:B] }"),
        ]).get()
        let new = try read([
            ("acme.yaml", Self.acme + "budget: { day_usd: 2 }\nlimits: { sessions: 5 }"),
            ("beta.yaml", "match: { keys: [env:C] }"),
            ("models.yaml", "families: { gemini-3.8: { hard: 60s } }"),
        ]).get()
        let changes = PolicyChanges(from: old, to: new)
        #expect(
            changes.description
                == "acme: limits.sessions, budget.day_usd; beta: added; gone: removed; "
                + "models.yaml: gemini-3.8")
        #expect(PolicyChanges(from: old, to: old).description == "nothing")
        let files = PolicyChanges(from: old, to: old, files: ["/etc/acme.key"])
        #expect(files.description == "files: /etc/acme.key")
        #expect(changes.description(within: 512) == changes.description)
        #expect(changes.description(within: 80).utf8.count <= 80)
        #expect(changes.description(within: 80).hasSuffix("more"))
    }

    @Test("whom default.yaml serves has changed if other clients are served, whatever it says")
    func strangers() throws {
        let url = "upstream: { url: \"ws://127.0.0.1:1\" }\n"
        func set(_ match: String, _ rest: String) throws -> PolicySet {
            try read([("default.yaml", match + rest)]).get()
        }
        func changes(_ was: String, _ isNow: String, _ rest: String = url) throws -> String {
            PolicyChanges(from: try set(was, rest), to: try set(isNow, rest)).description
        }
        let (yes, no) = ("match: { anyone: true }\n", "match: { anyone: false }\n")
        #expect(try changes("", no) == "default: match.anyone")
        #expect(try changes(no, "") == "default: match.anyone")
        #expect(try changes(no, yes) == "default: match.anyone")
        #expect(try changes("", yes) == "nothing")
        #expect(try changes(yes, "") == "nothing")
        // With a credential of ours, nobody is served unless it says so.
        let ours = url.replacing("}", with: ", key: env:K }")
        #expect(try changes("", no, ours) == "nothing")
        #expect(try changes("", yes, ours) == "default: match.anyone")
        #expect(
            PolicyChanges(from: try set("", url), to: try set("", ours)).description
                == "default: match.anyone, upstream.key")
    }

    private typealias File = (name: String, text: String)
    private static let ours = "upstream: { url: \"wss://gateway.example\", key: env:K }"
    private static let heir = "inherits: default\n" + acme

    @Test(
        "a tenant does not lose its credential or its gemini because a file is gone, or cut short")
    func losses() throws {
        let old = try read([("default.yaml", Self.ours), ("acme.yaml", Self.heir)]).get()
        func losses(_ files: [File]) throws -> [String] {
            old.losses(to: try read(files).get()).map(\.description)
        }
        for (said, tenants) in [(nil, 1), ("", 2), ("match: { anyone: false }", 1)]
            as [(String?, Int)]
        {
            let files: [File] = said.map { [(name: "default.yaml", text: $0)] } ?? []
            let found = try losses(files + [(name: "acme.yaml", text: Self.heir)])
            #expect(found.count == 2 * tenants, "\(found)")
            #expect(found.allSatisfy { $0.hasPrefix("default.yaml:1:") })
            #expect(found.contains { $0.contains("upstream.key: tenant \"acme\"") })
            #expect(found.contains { $0.contains("upstream.url: tenant \"acme\"") })
        }
        #expect(try losses([("default.yaml", Self.ours), ("acme.yaml", Self.heir)]) == [])
    }

    @Test("a file may say that a credential is no longer used")
    func purpose() throws {
        let old = try read([("default.yaml", Self.ours), ("acme.yaml", Self.heir)]).get()
        let null = "\nupstream: { key: null, url: \"wss://gateway.example\" }"
        for files in [
            [("default.yaml", Self.ours), ("acme.yaml", Self.heir + null)],
            [("acme.yaml", Self.heir + null)],
            [("default.yaml", Self.ours), ("acme.yaml", Self.acme)],
            [("default.yaml", "match: { anyone: false }" + null), ("acme.yaml", Self.heir)],
        ] as [[File]] {
            let new = try read(files).get()
            #expect(old.losses(to: new) == [])
            #expect(old.withoutCredential(in: new).contains("acme"))
        }
        let own = try read([("acme.yaml", Self.acme + Self.ours)]).get()
        #expect(own.losses(to: try read([("acme.yaml", Self.acme)]).get()) == [])
    }

    @Test("the keys of a tenant whose file is gone are not passed on for that")
    func gone() throws {
        let acme: File = ("acme.yaml", Self.acme + Self.ours)
        let beta: File = ("beta.yaml", "match: { keys: [env:B] }")
        let open: File = ("default.yaml", "turns: { dead_air: 2s }")
        let old = try read([acme, beta, open]).get()
        let found = old.losses(to: try read([beta, open]).get())
        #expect(found.map(\.place.file) == ["acme.yaml"])
        #expect(found[0].message.contains("would be sent to wss://generativelanguage"))
        #expect(old.losses(to: try read([beta]).get()) == [])
        let said: File = ("default.yaml", "match: { anyone: true }")
        #expect(old.losses(to: try read([beta, said]).get()) == [])
    }

    @Test(
        "settings that are legal and probably not intended are named with their place",
        arguments: [
            ("budget: { day_usd: 0 }", "budget.day_usd: 0 allows nothing"),
            ("budget: { session_tokens: 0 }", "budget.session_tokens: 0 allows nothing"),
            ("client: { ping: 50s, dead: 60s }", "client.dead: no time for a second ping"),
            ("upstream: { ping: 40s }", "upstream.ping: no time for a second ping"),
            ("end_users: { day_minutes: 0 }", "end_users.day_minutes: 0 allows nothing"),
            (
                "models: { pin: { gemini-live-latest: gemini-9-nothing } }",
                "models.pin: no family in models.yaml has the model \"gemini-9-nothing\""
            ),
            (
                "models: { fallback: { gemini-3.8-live: gemini-9-nothing } }",
                "no family in models.yaml has the model \"gemini-9-nothing\""
            ),
            (
                "models: { fallback: { gemini-3.8-live: gemini-3.1-flash-live-preview, "
                    + "gemini-3.1-flash-live-preview: [gemini-3.8-live] } }",
                "gemini-3.1-flash-live-preview -> gemini-3.8-live -> "
                    + "gemini-3.1-flash-live-preview is a circle"
            ),
            (
                "notify: { url: \"https://hooks.example/x?token=t\", secret: env:S }",
                "notify.url: its query looks like a secret"
            ),
        ])
    func warnings(text: String, words: String) throws {
        let set = try read([("default.yaml", text)]).get()
        let found = set.warnings.map(\.description)
        #expect(found.count == 1 && found[0].contains(words), "\(found)")
        #expect(found[0].hasPrefix("default.yaml:1:"))
    }

    @Test("a receiver's query is not shown, but its change is seen")
    func receivers() throws {
        func set(_ query: String) throws -> PolicySet {
            let url = "https://hooks.example/x\(query)"
            let notify = "notify: { url: \"\(url)\", secret: env:S }"
            return try read([("acme.yaml", Self.acme + notify)]).get()
        }
        let (old, new) = (try set("?token=abc"), try set("?token=def"))
        let shown = try #require(old.explain(tenant: "acme", model: "gemini-3.8-live"))
        let text = "\(shown)"
        #expect(text.contains("https://hooks.example/x?...") && !text.contains("abc"))
        #expect(PolicyChanges(from: old, to: new).description == "acme: notify.url")
    }

    @Test("a tenant that is nearly called default is warned of")
    func nearlyDefault() throws {
        let set = try read([
            ("default.yaml", "mode: enforce"),
            ("Default.yaml", "match: { keys: [env:KEY] }\nupstream: { key: null }"),
        ]).get()
        let found = set.warnings.map(\.description)
        #expect(found.count == 1 && found[0].hasPrefix("Default.yaml:1:17:"), "\(found)")
        #expect(found[0].contains("is default.yaml, in lower case"))
    }

    @Test("keys that Google cannot know are warned of, unless they are said to be its own")
    func keysPassedOn() throws {
        let set = try read([("acme.yaml", "match: { keys: [env:KEY] }")]).get()
        let found = set.warnings.map(\.description)
        #expect(found.count == 1 && found[0].hasPrefix("acme.yaml:1:17:"), "\(found)")
        #expect(found[0].contains("upstream.key is not set"))
        for upstream in ["key: null", "key: env:K", "url: wss://gateway.example"] {
            let text = "match: { keys: [env:KEY] }\nupstream: { \(upstream) }"
            #expect(try read([("acme.yaml", text)]).get().warnings.isEmpty, "\(upstream)")
        }
    }

    @Test("connections that nothing would open in advance are warned of")
    func uselessWarmth() throws {
        let own = "upstream: { key: null, warm: 2 }"
        let found = try read([("default.yaml", own)]).get().warnings.map(\.description)
        #expect(found.count == 1 && found[0].hasPrefix("default.yaml:1:"), "\(found)")
        #expect(found[0].contains("set upstream.key"))
        let ours = "match: { keys: [env:KEY] }\nupstream: { key: env:K, warm: 2 }"
        #expect(try read([("acme.yaml", ours)]).get().warnings.isEmpty)
        let observed = try read([("acme.yaml", ours + "\nmode: observe")]).get().warnings
        #expect(observed.map(\.description).joined().contains("mode: observe"))
    }

    @Test("a default that passes wrong keys on without saying so is told")
    func wrongKeys() throws {
        let acme = ("acme.yaml", "match: { keys: [env:KEY] }\nupstream: { key: env:K }")
        let set = try read([acme, ("default.yaml", "")]).get()
        #expect(set.passesWrongKeysOn?.description.hasPrefix("acme.yaml:1:17:") == true)
        for says in ["match: { anyone: true }", "match: { anyone: false }"] {
            #expect(try read([acme, ("default.yaml", says)]).get().passesWrongKeysOn == nil)
        }
        #expect(try read([acme]).get().passesWrongKeysOn == nil)
    }

    @Test("sound policies have no warnings")
    func none() throws {
        let text =
            "budget: { day_usd: 0.01 }\nmodels: { fallback: { gemini-3.8-live: gemini-3.1-flash-live-preview } }"
        #expect(try read([("default.yaml", text)]).get().warnings.isEmpty)
        #expect(PolicySet.builtIn.warnings.isEmpty)
    }
}
