import Basics
import Policies
import WebSocket

@testable import Proxy

/// libFuzzer's entry: bytes as a request's head, through the gate to what is dialed for it, as with
/// a key of ours. Whatever the client writes, only the vendor's paths are dialed, with our key once
/// and nothing beside it that no allow-list names.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let head = try? RequestHead.parse(input.span),
        Credential.ambiguity(head.headers) == nil
    else { return 0 }
    _ = Credential.presented(head.target, head.headers)
    switch Route(head.target) {
    case .live(let path): check(path, head)
    case .rest(let path): check(path, head)
    case .health: precondition(steps(head.target).last == "healthz")
    case .readiness: precondition(steps(head.target).last == "readyz")
    case .root: precondition(steps(head.target).isEmpty)
    case .ambiguous, .unknown: break
    }
    return 0
}

private func steps(_ target: String) -> [Substring] {
    target.prefix { $0 != "?" }.split(separator: "/")
}

private let ours = "AIza-a-key-of-ours"

private func check(_ path: LivePath, _ head: RequestHead) {
    precondition(path.path.hasPrefix("/ws/google."), "only the vendor's services")
    precondition(path.path.contains("BidiGenerate"), "only the Live methods")
    checkPlain(path.path)
    guard case .live(let again) = Route(path.target) else {
        fatalError("what is dialed is what was asked for")
    }
    precondition(again == path)
    precondition(!path.unconstrained.isConstrained)
    check(path.path, path.query, head)
}

private func check(_ path: RESTPath, _ head: RequestHead) {
    precondition(path.path.hasPrefix("/") && !path.path.contains("//"))
    guard path.isPlain else { return }
    checkPlain(path.path)
    guard case .rest(let again) = Route(path.target) else {
        fatalError("what is dialed is what was asked for")
    }
    precondition(again.path == path.path && again.query == path.query && again.prefix.isEmpty)
    precondition(
        path.isTokens
            || path.path.split(separator: "/").allSatisfy {
                !$0.lowercased().filter(\.isLetter).contains("authtoken")
            }, "the vendor's tokens are recognised")
    check(path.path, path.query, head)
}

/// No hop reads it as another path.
private func checkPlain(_ path: String) {
    precondition(!path.contains("%") && !path.contains("\\") && !path.contains("?"))
    precondition(path.split(separator: "/").allSatisfy { $0 != "." && $0 != ".." })
}

private func check(_ path: String, _ query: String, _ head: RequestHead) {
    guard
        let (passed, fields) = Credential.replace(
            query: query, headers: forwardable(head.headers), with: ours)
    else { fatalError("a header carries our key") }
    let sent = ForwardedHead.request(
        head, target: path + passed, host: "gemini.example", headers: fields)
    guard
        let echoed = try? RequestHead.parse(
            sent.span, limits: HeadLimits(bytes: 64 << 10, firstLine: 16 << 10, fields: 200))
    else { fatalError("what we pass on must be acceptable") }
    precondition(echoed.length == sent.count, "a head must not end early")
    precondition(echoed.headers.all("x-goog-api-key").map(\.text) == [ours], "our key, once")
    let strangers = [
        "authorization", "cookie", "x-goog-user-project", "x-goog-request-params",
        "x-http-method-override", "x-forwarded-for", "upgrade", "te", "trailer",
        "x-turnkeeper-session",
    ]
    precondition(strangers.allSatisfy { echoed.headers.all($0).isEmpty }, "nothing beside it")
    let names = passed.dropFirst().split(separator: "&").map { $0.prefix { $0 != "=" } }
    precondition(
        names.allSatisfy { $0 != "key" && $0 != "access_token" && !$0.contains("%") },
        "no second key")
    precondition(Credential.presented(echoed.target, echoed.headers) == ours)
}
