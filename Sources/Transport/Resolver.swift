import Basics
import CLinux
import Synchronization

/// Looks names up on its own threads, because `getaddrinfo` blocks. One look-up at a time per name,
/// however many callers; answers are used for 30 s. See docs/decisions/0003-names.md.
final class Resolver: Sendable {
    typealias Answer = Result<[SocketAddress], LookupFailure>
    typealias Receiver = @Sendable (Answer) -> Void

    struct LookupFailure: Error, Sendable, CustomStringConvertible {
        let description: String
    }

    static let shared = Resolver()

    /// How long an answer is used. `getaddrinfo` does not report the records' time-to-live; clouds
    /// move addresses with 60 s and more.
    private static let lifetime = Interval.seconds(30)
    /// A name that does not answer occupies a thread for as long as the system's resolver tries, 10
    /// s by default; names are few.
    private static let threadCount = 4
    /// Names come from the operator's configuration, so this is never reached; it is a safety
    /// limit.
    private static let capacity = 1024

    private struct State {
        var answers: [String: (addresses: [SocketAddress], until: Instant)] = [:]
        var waiting: [String: [Receiver]] = [:]
        var queue: [String] = []
        var hasThreads = false
    }
    private let state = Mutex(State())
    private let work = tk_eventfd(1)

    /// `receive` is called once, on any thread, perhaps before this returns.
    func resolve(_ name: String, _ receive: @escaping Receiver) {
        let now = Instant(nanoseconds: tk_now())
        let (known, isNew, needsThreads) = state.withLock { state in
            if let answer = state.answers[name], answer.until > now {
                return (answer.addresses as [SocketAddress]?, false, false)
            }
            state.waiting[name, default: []].append(receive)
            let isNew = state.waiting[name]?.count == 1
            if isNew { state.queue.append(name) }
            defer { state.hasThreads = true }
            return (nil, isNew, !state.hasThreads)
        }
        if let known { return receive(.success(known)) }
        if needsThreads {
            for _ in 0..<Self.threadCount { try? startThread("names") { self.serve() } }
        }
        if isNew { tk_eventfd_add(work) }
    }

    private func serve() {
        while true {
            tk_eventfd_take(work)
            let name = state.withLock { $0.queue.isEmpty ? nil : $0.queue.removeFirst() }
            guard let name else { continue }
            let answer = Self.lookUp(name)
            let receivers = state.withLock { state in
                if case .success(let addresses) = answer {
                    if state.answers.count >= Self.capacity { state.answers = [:] }
                    state.answers[name] = (
                        addresses, Instant(nanoseconds: tk_now()) + Self.lifetime
                    )
                }
                return state.waiting.removeValue(forKey: name) ?? []
            }
            for receive in receivers { receive(answer) }
        }
    }

    private static func lookUp(_ name: String) -> Answer {
        var found = [tk_address](repeating: tk_address(), count: 32)
        // SAFETY: the call writes at most 32 addresses into the array and keeps neither pointer.
        let count = unsafe tk_resolve(name, &found, 32)
        if count > 0 { return .success(found.prefix(Int(count)).map(SocketAddress.init)) }
        if count == 0 { return .failure(LookupFailure(description: "the name has no address")) }
        if count == EAI_SYSTEM {
            return .failure(LookupFailure(description: SystemError.text(tk_errno())))
        }
        // SAFETY: a text in static memory.
        let words = unsafe gai_strerror(count)
        return .failure(
            LookupFailure(description: unsafe words.map { unsafe String(cString: $0) } ?? ""))
    }
}
