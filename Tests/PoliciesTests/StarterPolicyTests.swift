import Basics
import Testing
import YAML

@testable import Policies

@Suite("First policies")
struct StarterPolicyTests {
    static let keys = ["env:GEMINI_API_KEY", "file:/run/secrets/a \"b\"", "client", "simulator"]
    static let digest = String(repeating: "0f", count: 32)

    private func read(_ policy: StarterPolicy) throws -> PolicySet {
        let tree = try TreeReader.read(Array(policy.text.utf8), file: policy.fileName)
        return try PolicyReader.read([PolicyFile(path: policy.fileName, content: .success(tree))])
    }

    @Test("serve the stated clients with the stated key", arguments: keys)
    func meaning(_ word: String) throws {
        let key = try #require(StarterPolicy.Key(word))
        let open = try read(StarterPolicy(key: key, clients: .anyone))
        #expect(open.servesEveryone && open.tenants.isEmpty && open.unsettled == nil)
        let guarded = try read(StarterPolicy(key: key, clients: .holders(digest: Self.digest)))
        #expect(!guarded.servesEveryone)
        #expect(guarded.tenants.map(\.policy.match.keys) == [[.sha256(Self.digest)]])
        for policy in [open.defaultTenant?.policy, guarded.tenants.first?.policy] {
            let upstream = try #require(policy?.upstream)
            switch key {
            case .secret(let secret): #expect(upstream.key == secret)
            case .clients: #expect(upstream.key == nil && upstream.url.hasPrefix("wss:"))
            case .simulator: #expect(upstream.url == "ws://127.0.0.1:8082")
            }
        }
    }

    @Test("other words are no key", arguments: ["", "env:", "file:", "sha256:\(digest)", "AIzaSy"])
    func noKey(_ word: String) { #expect(StarterPolicy.Key(word) == nil) }

    @Test("only an unchanged file of try is recognised")
    func trying() {
        for policy in [
            StarterPolicy.trying(key: "K", simulator: 1),
            StarterPolicy.trying(key: nil, simulator: 50_123),
        ] {
            #expect(StarterPolicy.isOfTrying(policy.text, key: "K"))
            for other in ["mode: observe\n", " ", "\n"] {
                #expect(!StarterPolicy.isOfTrying(policy.text + other, key: "K"))
            }
            #expect(!StarterPolicy.isOfTrying(String(policy.text.dropFirst()), key: "K"))
        }
        let mine = StarterPolicy(key: .clients, clients: .anyone).text
        for text in ["", "\n", mine, "upstream: { url: ws://127.0.0.1:8082 }\n"] {
            #expect(!StarterPolicy.isOfTrying(text, key: "K"))
        }
    }
}
