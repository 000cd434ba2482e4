/// The paths that the service answers, compared step by step: Google answers 404 to any other.
/// libwebsockets has joined doubled slashes, which SDKs send to Google, too.
enum ServicePath {
    static func isLive(_ path: String) -> Bool {
        var steps = path.split(separator: "/", omittingEmptySubsequences: false)
        guard steps.prefix(2) == ["", "ws"], steps.count > 2 else { return false }
        steps.removeFirst(2)
        if steps.count == 1 { return gemini.contains(steps[0]) }
        guard vertex.contains(steps[0]), steps[1] == "BidiGenerateContent" else { return false }
        return steps.count == 2
            || steps.count == 4 && steps[2] == "locations" && !steps[3].isEmpty
    }

    private static let gemini = Set(
        ["v1", "v1beta", "v1alpha"].flatMap { version in
            ["BidiGenerateContent", "BidiGenerateContentConstrained"].map { method -> Substring in
                "google.ai.generativelanguage.\(version).GenerativeService.\(method)"
            }
        })

    /// Here the method is a step of its own.
    private static let vertex = Set(
        ["v1", "v1beta", "v1beta1"].flatMap { version -> [Substring] in
            [
                "google.cloud.aiplatform.\(version).LlmBidiService",
                "google.firebase.vertexai.\(version).LlmBidiService",
                "google.firebase.vertexai.\(version).GenerativeService",
            ]
        })
}
