import Testing
import WebSocket

@testable import Proxy

struct RouteTests {
    private static let gemini =
        "google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
    private static let vertex = "google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent"

    /// What balancers and gateways leave in front; some have versions of their own.
    private static let prefixes = [
        "", "/gemini", "//a//b/", "/v1", "/api/v1", "/api/v1/gemini", "/v2/voice/v1beta",
        "/v1beta1/v1beta1", "/api/v1/upload/x",
    ]

    private func live(_ target: String) -> String? {
        if case .live(let path) = Route(target) { path.target } else { nil }
    }

    private func rest(_ target: String) -> RESTPath? {
        if case .rest(let path) = Route(target) { path } else { nil }
    }

    @Test func `the vendor's Live services are found, whatever a balancer left in front`() {
        for service in [
            Self.gemini, Self.gemini + "Constrained", Self.vertex,
            Self.gemini.replacing("v1beta", with: "v1alpha"),
            Self.gemini.replacing("BidiGenerateContent", with: "BidiGenerateMusic"),
            Self.vertex + "/locations/europe-west4",
            "google.firebase.vertexai.v1beta.GenerativeService/BidiGenerateContent",
            "google.firebase.vertexai.v1beta.LlmBidiService/BidiGenerateContent/locations/us-c1",
        ] {
            for prefix in ["", "/", "/gemini", "//a//b/", "/ws", "/v1beta/models"] {
                #expect(live("\(prefix)/ws/\(service)?k=%2e") == "/ws/\(service)?k=%2e")
            }
        }
    }

    @Test func `everything else with ws in it is no Live path`() {
        for target in [
            "/v1beta/files/ws/x", "/v1/projects/corp/locations/us-central1/customJobs/ws/x",
            "/ws/x", "/ws/", "/ws", "/ws/\(Self.gemini)/x", "/ws/\(Self.gemini).x",
            "/ws/\(Self.gemini)s", "/ws/\(Self.gemini.lowercased())", "/WS/\(Self.gemini)",
            "/ws/\(Self.vertex)/locations", "/ws/\(Self.vertex)/locations/a/b",
            "/ws/\(Self.vertex)/projects/a", "/ws/\(Self.vertex)/locations/a:b",
            "/ws/google.ai.generativelanguage.v1beta.FileService.ListFiles",
            "/ws/google.ai.generativelanguage..GenerativeService.BidiGenerateContent",
            "/ws/google.ai.generativelanguage.vbeta.GenerativeService.BidiGenerateContent",
            "/ws/google.ai.generativelanguage.v1/a.GenerativeService.BidiGenerateContent",
            "/ws/google.cloud.aiplatform.v1.LlmBidiService.BidiGenerateContent",
            "/x?/ws/\(Self.gemini)",
        ] {
            #expect(live(target) == nil, "\(target)")
        }
    }

    @Test func `paths that can be read in two ways are ambiguous`() {
        for step in ["..", ".", "%2e%2e", "%2E.", ".%2e", "..;a", "%2e", "..%2f", "..%5c", "a\\b"] {
            for target in [
                "/ws/\(step)/v1beta/files", "/\(step)/ws/\(Self.gemini)", "/v1beta/\(step)/x",
            ] {
                #expect(Route(target) == .ambiguous, "\(target)")
            }
        }
        for prefix in ["a%2e", "a%2f..", "a%00b", "%61"] {
            #expect(Route("/\(prefix)/ws/\(Self.gemini)") == .ambiguous, "\(prefix)")
        }
        #expect(live("/ws/\(Self.gemini)?key=%61") != nil)
        for hidden in [
            "/ws/\(Self.gemini.replacing("B", with: "%42"))", "/%77s/\(Self.gemini)",
            "/ws/\(Self.vertex.replacing("/", with: "%2F"))", "/health%7A", "/x%2525",
        ] {
            #expect(Route(hidden) == .ambiguous, "\(hidden)")
        }
    }

    @Test func `a token and a bearer may open one session, a key any number`() {
        func mayOpenOnce(_ target: String, _ fields: (String, String)...) -> Bool {
            Credential.mayOpenOnce(
                target, HeaderFields(fields.compactMap { HeaderField($0.0, $0.1) }))
        }
        let path = "/ws/\(Self.gemini)"
        #expect(mayOpenOnce(path + "Constrained?access_token=auth_tokens%2Fabc"))
        #expect(mayOpenOnce(path, ("authorization", "Token auth_tokens/abc")))
        #expect(mayOpenOnce(path, ("authorization", "Bearer ya29.abc")))
        #expect(mayOpenOnce(path + "?key=auth_tokens/abc"))
        #expect(!mayOpenOnce(path + "?key=AIzaSy"))
        #expect(!mayOpenOnce(path, ("x-goog-api-key", "AIzaSy")))
        #expect(!mayOpenOnce(path))
    }

    @Test func `health is asked under any prefix, but not among the vendor's paths`() {
        for prefix in Self.prefixes + [
            "/", "/ws", "/v1beta", "/upload/v1beta", "/v1/upload", "/v1/v2",
        ] {
            #expect(Route(prefix + "/healthz") == .health, "\(prefix)")
            #expect(Route(prefix + "/healthz?x") == .health, "\(prefix)")
            #expect(Route(prefix + "/readyz/") == .readiness, "\(prefix)")
        }
        for prefix in Self.prefixes {
            for collection in ["models", "files", "projects/p/locations/l/endpoints"] {
                #expect(rest("\(prefix)/v1beta/\(collection)/healthz") != nil, "\(prefix)")
            }
        }
        #expect(Route("/healthz/x") == .unknown)
        #expect(Route("/../healthz") == .ambiguous && Route("/") == .root && Route("//?x") == .root)
    }

    @Test func `tokens are for the constrained path, which gemini never sees`() throws {
        guard case .live(let path) = Route("/p//ws/\(Self.gemini)Constrained?a=b") else {
            Issue.record("no path")
            return
        }
        #expect(path.takesTokens)
        #expect(path.unconstrained.target == "/ws/\(Self.gemini)?a=b")
    }

    @Test func `what a balancer's prefix resembles decides nothing`() throws {
        let vertex = "google.cloud.aiplatform.v1beta1.LlmBidiService"
        guard case .live(let path) = Route("/ws/\(vertex)/ws/\(Self.gemini)") else {
            Issue.record("no path")
            return
        }
        #expect(!path.isVertex && !path.takesTokens)
        guard
            case .live(let other) = Route(
                "/ws/\(Self.gemini)Constrained/ws/\(vertex)/BidiGenerateContent")
        else {
            Issue.record("no path")
            return
        }
        #expect(other.isVertex && !other.isConstrained)
    }

    @Test func `the REST API begins at its version`() {
        #expect(
            rest("/gemini//v1beta/models/a:generateContent?x=y")?.target
                == "/v1beta/models/a:generateContent?x=y")
        #expect(rest("/upload/v1beta/files")?.path == "/upload/v1beta/files")
        #expect(
            rest("/p/download/v1beta/files/a:download")?.path == "/download/v1beta/files/a:download"
        )
        for prefix in Self.prefixes {
            for target in [
                "/v1beta/models/a:generateContent",
                "/v1/projects/p/locations/l/publishers/g/models/a:b",
                "/v1beta/tunedModels/v1/permissions", "/v1alpha/auth_tokens", "/v1/v1beta/openai/x",
                "/v1beta/interactions", "/upload/v1beta/files", "/download/v1beta/files/a:download",
                "/v1beta/files/v1/upload/v2/x", "/v1beta/models",
            ] {
                let path = rest(prefix + target)
                let own = target.replacing("/v1/v1beta", with: "/v1beta")
                #expect(path?.target == own, "\(prefix)\(target)")
                #expect(path?.makesTokens == target.hasSuffix("auth_tokens"))
            }
        }
        // Collections that are new to us, too, behind a version of the prefix.
        for prefix in ["", "/gemini", "/v1", "/api/v1", "/v1beta1/v1beta1"] {
            for target in ["/v1beta/novelties/v1/x", "/upload/v1beta/novelties"] {
                #expect(rest(prefix + target)?.target == target, "\(prefix)\(target)")
            }
        }
        for target in ["/v1beta", "/vx/models", "/models", "/batch", "/$rpc/x"] {
            #expect(rest(target) == nil, "\(target)")
        }
        for target in ["/v1beta/a%2fb", "/v1beta/a;b", "/v1beta/a%41", "/v1beta/a\"b"] {
            #expect(rest(target)?.isPlain == false, "\(target)")
        }
    }

    @Test func `no version is dialed that is not public`() {
        for version in ["v1", "v1beta", "v1alpha", "v1beta1", "v1p1beta1", "v2alpha12"] {
            #expect(rest("/\(version)/models/a:x")?.resource == "models/a:x", "\(version)")
            #expect(live("/ws/\(Self.gemini.replacing("v1beta", with: version))") != nil)
        }
        for version in ["v1internal", "v1main", "v1test1", "v1betax", "v1p", "v1pbeta", "v", "v1b"]
        {
            #expect(rest("/\(version)/models/a:x") == nil, "\(version)")
            #expect(live("/ws/\(Self.gemini.replacing("v1beta", with: version))") == nil)
            #expect(live("/ws/\(Self.vertex.replacing("v1beta1", with: version))") == nil)
        }
        #expect(rest("/upload/v1beta/files")?.resource == "files")
    }

    @Test func `the vendor's tokens are known in every spelling`() {
        for target in [
            "/v1alpha/auth_tokens", "/v1alpha/auth_tokens/", "/x/v1alpha//auth_tokens?a=b",
        ] {
            #expect(rest(target)?.makesTokens == true, "\(target)")
        }
        for target in [
            "/v1alpha/auth_tokens:create", "/v1alpha/authTokens", "/v1alpha/AUTH_TOKENS",
            "/v1alpha/auth_tokens/x", "/v1/x/auth_tokens",
        ] {
            #expect(
                rest(target)?.isTokens == true && rest(target)?.makesTokens == false, "\(target)")
        }
        #expect(rest("/v1alpha/auth%5Ftokens")?.isPlain == false)
    }

    @Test func `beside a credential of ours passes only what moves neither bill nor rights`() throws
    {
        let sent = [
            "User-Agent", "Content-Type", "X-Goog-Upload-Protocol",
            "X-Goog-Upload-Header-Content-Type", "X-Goog-Upload-Header-X-Goog-User-Project",
            "X-Goog-Upload-Header-Authorization", "X-Goog-Upload-Anything", "X-Goog-User-Project",
            "X-Goog-Request-Params", "X-HTTP-Method-Override", "X-Goog-Api-Key", "Authorization",
            "X-Goog-IAM-Authorization-Token", "Accept-Encoding", "Origin", "Referer", "X-Anything",
        ].compactMap { HeaderField($0, "a") }
        let query =
            "?alt=sse&%6bey=x&key=y&$httpHeaders=a&$alt=json&access_token=z&Key=q&pageSize=3&&=&a"
        let replaced = try #require(Credential.replace(query: query, headers: sent, with: "OURS"))
        #expect(replaced.query == "?alt=sse&pageSize=3")
        #expect(
            replaced.headers.map(\.name) == [
                "User-Agent", "Content-Type", "X-Goog-Upload-Protocol",
                "X-Goog-Upload-Header-Content-Type", "x-goog-api-key",
            ])
        #expect(Credential.replace(query: "", headers: [], with: "a\nb") == nil)
    }
}
