import Policies
import Testing

@Suite("What REST may name beside a credential of ours")
struct ResourceTests {
    private func policy(allow: [String], vertex: String?? = nil) -> Policy {
        var policy = Policy()
        policy.models.allow = allow
        if let vertex {
            policy.upstream.credentials = .metadata
            policy.upstream.project = vertex
        } else {
            policy.upstream.key = .environment("KEY")
        }
        return policy
    }

    @Test("on the Gemini API a model must be allowed, and what is none passes")
    func gemini() {
        let policy = policy(allow: ["gemini-3.8*", "tunedModels/ours-*"])
        for resource in [
            "models/gemini-3.8-live:generateContent", "models/gemini-3.8-live",
            "models/gemini-3.8-live:batchGenerateContent", "models", "tunedModels",
            "models/gemini-3.8-live/operations/1", "tunedModels/ours-1:generateContent", "files",
            "files/x:download", "cachedContents/x", "operations/x", "batches/x:cancel",
            "auth_tokens", "fileSearchStores/x/documents",
        ] {
            #expect(policy.obstacle(toResource: resource, method: "GET") == nil, "\(resource)")
        }
        for resource in [
            "models/gemini-9:generateContent", "models/gemini-9", "models/gemini-9/operations/1",
            "tunedModels/secret:generateContent", "tunedModels/gemini-3.8-x:generateContent",
            "MODELS/gemini-3.8-live:generateContent", "models/gemini-3.8:x+y:generateContent",
            "publishers/anthropic/models/gemini-3.8-live:rawPredict", "openai/chat/completions",
            "interactions", "interactions/x", "dynamic/x:generateContent", "openai:x",
            "$rpc/google.ai.generativelanguage.v1beta.GenerativeService/GenerateContent",
            "google.ai.generativelanguage.v1beta.GenerativeService/GenerateContent",
        ] {
            #expect(policy.obstacle(toResource: resource, method: "GET") == .model, "\(resource)")
        }
        let foreign = "projects/p/locations/l/publishers/google/models/gemini-3.8-live:predict"
        #expect(policy.obstacle(toResource: foreign, method: "POST") == .project)
    }

    @Test("what names its model in the body needs a policy that allows all")
    func unnamed() {
        let policy = policy(allow: ["*"])
        for resource in ["openai/chat/completions", "interactions", "models/any:countTokens"] {
            #expect(policy.obstacle(toResource: resource, method: "GET") == nil, "\(resource)")
        }
        #expect(
            policy.obstacle(toResource: "tunedModels/x:generateContent", method: "POST") == .model)
    }

    @Test("what is made may name a model in its body, in known collections and unknown ones")
    func made() {
        let bare = policy(allow: ["gemini-3.8*", "tunedModels/ours-*"])
        let all = policy(allow: ["*"])
        for resource in [
            "cachedContents", "cachedContents:x", "CachedContents", "tunedModels", "models",
            "fileSearchStores", "batches", "tomorrow", "tomorrow/x", "agents/x:run",
        ] {
            for method in ["POST", "PUT", "PATCH"] {
                #expect(
                    bare.obstacle(toResource: resource, method: method) == .model, "\(resource)")
                #expect(all.obstacle(toResource: resource, method: method) == nil, "\(resource)")
            }
            for method in ["GET", "HEAD", "DELETE"] {
                #expect(bare.obstacle(toResource: resource, method: method) == nil, "\(resource)")
            }
        }
        for resource in [
            "files", "files/x", "files:register", "cachedContents/x", "operations/x:cancel",
            "batches/x:cancel", "fileSearchStores/x:uploadToFileSearchStore",
            "fileSearchStores/x/documents/y:query", "corpora", "auth_tokens",
            "models/gemini-3.8-live:generateContent", "tunedModels/ours-1:transferOwnership",
        ] {
            #expect(bare.obstacle(toResource: resource, method: "POST") == nil, "\(resource)")
        }
        let place = "projects/corp/locations/us-central1"
        let vertex = policy(allow: ["gemini-3.8*"], vertex: "corp")
        for resource in ["\(place)/cachedContents", "\(place)/cachedContents:x"] {
            #expect(vertex.obstacle(toResource: resource, method: "POST") == .model)
            #expect(vertex.obstacle(toResource: resource, method: "GET") == nil)
            #expect(
                policy(allow: ["*"], vertex: "corp").obstacle(toResource: resource, method: "POST")
                    == nil)
        }
        for resource in [
            "\(place)/cachedContents/1", "\(place)/operations/1:cancel",
            "\(place)/endpoints/1:predict",
            "\(place)/publishers/google/models/gemini-3.8-live:generateContent",
        ] {
            #expect(vertex.obstacle(toResource: resource, method: "POST") == nil, "\(resource)")
        }
    }

    @Test("a model that is only replaced in a setup is not reached by REST")
    func pinned() {
        var policy = policy(allow: ["gemini-new"])
        policy.models.pin = ["gemini-old": "gemini-new"]
        #expect(policy.serves("models/gemini-old"))
        #expect(
            policy.obstacle(toResource: "models/gemini-old:generateContent", method: "POST")
                == .model)
    }

    @Test("on Vertex our project's allowed models are served, and what belongs to them")
    func vertex() {
        let policy = policy(
            allow: ["gemini-3.8*", "projects/lent/locations/l/publishers/google/models/*"],
            vertex: "corp")
        let place = "projects/corp/locations/us-central1"
        for resource in [
            "\(place)/publishers/google/models/gemini-3.8-live:generateContent",
            "\(place)/publishers/google/models/gemini-3.8-live/operations/1",
            "publishers/google/models/gemini-3.8-live:generateContent", "publishers/google/models",
            "\(place)/publishers/google/models", "\(place)/endpoints/1:predict",
            "\(place)/cachedContents", "\(place)/cachedContents/1", "\(place)/operations/1",
            "projects/lent/locations/l/publishers/google/models/gemini-9:predict",
        ] {
            #expect(policy.obstacle(toResource: resource, method: "GET") == nil, "\(resource)")
        }
        for resource in [
            "\(place)/publishers/google/models/gemini-9:generateContent",
            "\(place)/publishers/anthropic/models/gemini-3.8-live:rawPredict",
            "publishers/anthropic/models/claude:rawPredict",
            "\(place)/endpoints/openapi/chat/completions",
        ] {
            #expect(policy.obstacle(toResource: resource, method: "GET") == .model, "\(resource)")
        }
        for resource in [
            "projects/other/locations/l/publishers/google/models/gemini-3.8-live:predict",
            "projects/other/locations/l/publishers/google/models",
            "projects/other/locations/l/endpoints/1:predict",
            "projects/other/locations/l/cachedContents", "projects/other/secrets", "projects",
        ] {
            #expect(policy.obstacle(toResource: resource, method: "GET") == .project, "\(resource)")
        }
        for resource in [
            "\(place)/customJobs", "\(place)/models/1", "\(place)/endpoints",
            "\(place)/endpoints/1:deployModel", "\(place)/publishers/google",
            "\(place)/publishers/google/models/gemini-3.8-live/x", "projects/corp/secrets/a",
            "projects/corp", "\(place)", "b/bucket/o/object", "models/gemini-3.8-live:predict",
            "Projects/corp/locations/l/operations/1",
        ] {
            #expect(policy.obstacle(toResource: resource, method: "GET") == .unknown, "\(resource)")
        }
    }

    @Test("a project that is not known is nobody's")
    func unknownProject() {
        let policy = policy(allow: ["gemini-*"], vertex: .some(nil))
        let model = "publishers/google/models/gemini-3.8-live:predict"
        #expect(
            policy.obstacle(toResource: "projects/p/locations/l/\(model)", method: "POST")
                == .project)
        #expect(policy.obstacle(toResource: model, method: "POST") == nil)
    }

    @Test("no pattern matches a name with characters that no model has")
    func oddNames() {
        for policy in [policy(allow: ["gemini-3.8*"]), policy(allow: ["gemini-3.8*"], vertex: "p")]
        {
            #expect(policy.serves("models/gemini-3.8-live"))
            for ending in ["?x=1", "\0", " x", "%2f..%2fx", "#", ";a", "\n", "é", "\\x", "&"] {
                #expect(!policy.serves("models/gemini-3.8-live\(ending)"), "\(ending)")
                #expect(!policy.models.allows("gemini-3.8-live\(ending)"), "\(ending)")
            }
        }
        // A client's own key opens what it opens.
        var own = Policy()
        own.models.allow = ["*"]
        #expect(own.serves("models/any thing"))
        var listed = policy(allow: ["tunedModels/*"])
        #expect(listed.serves("tunedModels/a") && !listed.serves("tunedModels/../models/a"))
        listed.models.allow = ["*"]
        #expect(!listed.serves("models/a?key=b"))
    }
}
