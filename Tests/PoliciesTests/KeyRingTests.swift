import Basics
import Testing

@testable import Policies

@Suite("Who serves a client")
struct KeyRingTests {
    /// Stands in for SHA-256: what matters here is only that equal keys are equal.
    private func digest(_ text: String) -> Digest {
        var bytes = [UInt8](repeating: 0, count: 32)
        for (index, byte) in text.utf8.enumerated() { bytes[index % 32] &+= byte &* 31 }
        return Digest(bytes: bytes)!
    }

    private func ring(_ set: PolicySet, _ secrets: [String: String]) -> KeyRing {
        KeyRing(set) { secret in secrets["\(secret)"].map(digest) }
    }

    @Test("a tenant's key finds the tenant, an unknown one or none the default, or nothing")
    func verdicts() throws {
        let files: [(name: String, text: String)] = [
            (
                "acme.yaml",
                "match: { keys: [env:A, \"file:/k\"], origins: [\"https://acme.example\"] }"
            ),
            ("bolt.yaml", "match: { keys: [sha256:\(String(repeating: "ab", count: 32))] }"),
        ]
        let closed = try read(files).get()
        let keys = ring(closed, ["env:A": "alpha", "file:/k": "kilo"])
        #expect(keys.complaints.isEmpty)
        func name(_ verdict: Verdict) -> String {
            switch verdict {
            case .served(let tenant): tenant.policy.tenant
            case .refused(let refusal): "\(refusal) \(refusal.status)"
            }
        }
        func ask(_ set: PolicySet, _ key: Digest?, _ origin: String? = nil) -> String {
            name(set.verdict(presented: key, origin: origin, keys: keys))
        }
        #expect(ask(closed, digest("alpha")) == "acme")
        #expect(ask(closed, digest("kilo"), "https://acme.example") == "acme")
        #expect(ask(closed, digest("kilo"), "https://evil.example") == "origin 403")
        #expect(ask(closed, Digest(hex: String(repeating: "ab", count: 32))) == "bolt")
        #expect(ask(closed, digest("other")) == "unknownKey 401")
        #expect(ask(closed, nil) == "noKey 401")

        let open = try read(files + [("default.yaml", "")]).get()
        #expect(ask(open, digest("alpha")) == "acme")
        #expect(ask(open, digest("other")) == "default")
        #expect(ask(open, nil) == "default")
        #expect(ask(.builtIn, digest("alpha")) == "default")
    }

    @Test("a reference to nothing, or to another tenant's key, is reported with its position")
    func unresolved() throws {
        let set = try read([
            ("acme.yaml", "match: { keys: [env:A, env:GONE] }"),
            ("bolt.yaml", "match:\n  keys: [env:B]"),
        ]).get()
        let keys = ring(set, ["env:A": "same", "env:B": "same"])
        #expect(
            keys.complaints.map(\.description) == [
                "acme.yaml:1:24: error: match.keys: env:GONE has no value",
                "bolt.yaml:2:10: error: match.keys: env:B holds a key that belongs to tenant "
                    + "\"acme\" (acme.yaml:1:17)",
            ])
        let told = KeyRing(set, resolve: { _ in nil }, why: { "\($0) is not set" })
        #expect(
            told.complaints.first?.description
                == "acme.yaml:1:17: error: match.keys: env:A is not set")
        let verdict = set.verdict(presented: digest("same"), origin: nil, keys: keys)
        #expect(verdict == .served(try #require(set.tenant(named: "acme"))))
    }

    @Test("digests are 64 hexadecimal digits in lower case, and differ by any bit")
    func digests() throws {
        #expect(
            Digest(hex: String(repeating: "0f", count: 32))?.bytes.allSatisfy { $0 == 15 } == true)
        for bad in ["", "0", String(repeating: "0", count: 63), String(repeating: "g", count: 64)] {
            #expect(Digest(hex: bad) == nil)
        }
        let zero = try #require(Digest(bytes: [UInt8](repeating: 0, count: 32)))
        #expect(zero.mask(ifEqualTo: zero) == 255)
        for bit in 0..<256 {
            var bytes = zero.bytes
            bytes[bit / 8] = 1 << (bit % 8)
            #expect(zero.mask(ifEqualTo: try #require(Digest(bytes: bytes))) == 0)
        }
    }
}

@Suite("Whom default.yaml serves")
struct DefaultTenantTests {
    private static let own = "upstream: { key: env:GEMINI }\n"
    private static let tenant = ("acme.yaml", "match: { keys: [env:A] }")

    private func set(_ text: String?, tenant: Bool = true) throws -> PolicySet {
        try read((text.map { [("default.yaml", $0)] } ?? []) + (tenant ? [Self.tenant] : [])).get()
    }

    @Test("with a credential only if it says so")
    func credential() throws {
        for hasTenant in [true, false] {
            let unsaid = try set(Self.own, tenant: hasTenant)
            #expect(!unsaid.servesEveryone && unsaid.unsettled != nil)
            let open = try set(Self.own + "match: { anyone: true }", tenant: hasTenant)
            #expect(open.servesEveryone && open.unsettled == nil)
            #expect(open.isOpenToAll?.place.line == 2 && unsaid.isOpenToAll == nil)
            let template = try set(Self.own + "match: { anyone: false }", tenant: hasTenant)
            #expect(!template.servesEveryone && template.unsettled == nil)
        }
        #expect(try set("").servesEveryone && set("").isOpenToAll == nil)
        #expect(try set("match: { anyone: false }").servesEveryone == false)
        #expect(try set(nil).servesEveryone == false)
    }

    @Test("a guarded directory is not opened implicitly")
    func opening() throws {
        let guarded = try set(Self.own)
        #expect(guarded.isOpened(by: .builtIn))
        #expect(guarded.isOpened(by: try set("")))
        #expect(!guarded.isOpened(by: try set(Self.own + "match: { anyone: true }")))
        #expect(try !set("").isOpened(by: .builtIn))
    }

    @Test("with our credential a model's whole name counts")
    func models() throws {
        func serves(_ model: String, _ text: String) throws -> Bool {
            try #require(try set(text).defaultTenant).policy.serves(model)
        }
        let ours = "projects/p/locations/l/publishers/google/models/gemini-x"
        for model in ["gemini-x", "models/gemini-x", "publishers/google/models/gemini-x"] {
            #expect(try serves(model, Self.own))
        }
        for model in [
            ours, "publishers/meta/models/gemini-x", "projects/p/models/gemini-x", "a/gemini-x",
            "/gemini-x", "models//gemini-x", "models/models/gemini-x", "tunedModels/gemini-x",
            "publishers/google/models/other",
        ] {
            #expect(try !serves(model, Self.own), "\(model)")
        }
        let named = "upstream: { credentials: metadata, project: p }"
        #expect(try serves(ours, named))
        #expect(try !serves(ours.replacing("/p/", with: "/q/"), named))
        let listed =
            Self.own + "models: { allow: [\"projects/q/locations/l/publishers/google/models/*\"] }"
        #expect(try serves(ours.replacing("/p/", with: "/q/"), listed))
        #expect(try !serves("gemini-x", listed))
        // With the client's own credential it is the client's own affair.
        #expect(try serves(ours, "upstream: { connect: 3s }"))
    }
}
