import Basics
import CLinux
import Policies
import Synchronization
import Transport

/// OAuth access tokens for Vertex, fetched in advance on a separate loop and thread, so that no
/// worker ever waits for a token server.
final class OAuth: Sendable {
    typealias Source = Policy.Credentials

    /// A valid access token, or why there is none.
    enum State: Sendable {
        case token(String, until: WallTime)
        case failed(String)
    }

    private let states = Mutex<[Source: State]>([:])
    private let mailbox: Mailbox
    private let log: Log
    private let isRunning = Atomic(false)
    /// Called with every token before it can be used.
    private let learn = Mutex<(@Sendable (String) -> Void)?>(nil)

    init(_ log: Log) throws(SystemError) {
        self.log = log
        mailbox = try Mailbox()
    }

    /// Watches the sources of the policies in force. New sources are queried at once, and so is
    /// every key file, which may have changed. The thread starts with the first source.
    func watch(_ policies: PolicySet) throws(SystemError) {
        let tenants = policies.all
        let sources = Set(tenants.compactMap(\.policy.upstream.credentials))
        if !isRunning.load(ordering: .relaxed) {
            if sources.isEmpty { return }
            isRunning.store(true, ordering: .relaxed)
            try startThread("credentials") { [self] in run() }
        }
        mailbox.post { loop in (loop.owner as? TokenWatch)?.watch(sources) }
    }

    func tells(_ learn: @escaping @Sendable (String) -> Void) {
        self.learn.withLock { $0 = learn }
    }

    func stop() {
        if isRunning.load(ordering: .relaxed) { mailbox.post { $0.stop() } }
    }

    /// The access token of a source, for a request to be sent now.
    func token(of source: Source) -> Result<String, Complaint> {
        switch states.withLock({ $0[source] }) {
        case nil: .failure(.here("the access token is still being fetched"))
        case .failed(let why): .failure(.here("no access token: \(why)"))
        case .token(let token, let until):
            WallTime(nanoseconds: tk_wall()) < until
                ? .success(token) : .failure(.here("the access token has expired"))
        }
    }

    private func run() {
        guard let loop = try? EventLoop(mailbox: mailbox) else { return }
        loop.owner = TokenWatch(loop, self)
        loop.run()
    }

    fileprivate func keep(_ source: Source, _ state: State) {
        if case .token(let token, _) = state { learn.withLock { $0 }?(token) }
        states.withLock { states in
            // A valid token is used even if its renewal is refused.
            if case .failed = state, case .token(_, let until) = states[source],
                WallTime(nanoseconds: tk_wall()) < until
            {
                return
            }
            states[source] = state
        }
        switch state {
        case .token: log.write(.debug, "access token fetched", [("source", .string("\(source)"))])
        case .failed(let why):
            log.write(
                .error, "no access token",
                [("source", .string("\(source)")), ("why", .string(why))])
        }
    }
}

/// The watched sources, on the loop's thread.
private final class TokenWatch {
    private let loop: EventLoop
    private let oauth: OAuth
    private var errands: [OAuth.Source: Errand] = [:]

    init(_ loop: EventLoop, _ oauth: OAuth) {
        self.loop = loop
        self.oauth = oauth
    }

    func watch(_ sources: Set<OAuth.Source>) {
        for source in errands.keys where !sources.contains(source) {
            errands.removeValue(forKey: source)?.cancel()
        }
        for source in sources {
            if let errand = errands[source] {
                errand.startAnew()
                continue
            }
            let oauth = self.oauth
            let errand = Errand(source, loop) { oauth.keep(source, $0) }
            errands[source] = errand
            errand.startAnew()
        }
    }
}

/// Keeps one source's token fresh.
private final class Errand: TimerOwner {
    /// A token is renewed this long before it expires, so that a dial never uses one that is about
    /// to expire (failure catalogue 11.4).
    private static let spare = Interval.seconds(600)
    /// Delays after failures; the last one repeats.
    private static let backoff: [Interval] = [.seconds(1), .seconds(5), .seconds(15), .seconds(60)]

    private let source: OAuth.Source
    private let loop: EventLoop
    private let tell: (OAuth.State) -> Void
    private var timer: Timer?
    private var fetch: TokenFetch?
    private var failures = 0

    init(
        _ source: OAuth.Source, _ loop: EventLoop, _ tell: @escaping (OAuth.State) -> Void
    ) {
        self.source = source
        self.loop = loop
        self.tell = tell
        timer = Timer(loop, owner: self)
    }

    func startAnew() {
        failures = 0
        start()
    }

    func cancel() {
        timer = nil
        fetch?.cancel()
        fetch = nil
    }

    func timerFired(_ timer: Timer) { start() }

    private func start() {
        fetch?.cancel()
        timer?.disarm()
        let fetch = TokenFetch(source, loop) { [weak self] result in self?.ended(result) }
        self.fetch = fetch
        fetch.start()
    }

    private func ended(_ result: Result<TokenFetch.Answer, TokenFetch.Failure>) {
        fetch = nil
        switch result {
        case .success(let answer):
            failures = 0
            let life = answer.life
            tell(.token(answer.token, until: WallTime(nanoseconds: tk_wall()) + life))
            // A token with a shorter life than that is renewed halfway.
            let wait = life > Self.spare * 2 ? life - Self.spare : max(life / 2, .seconds(1))
            timer?.arm(at: loop.now + wait)
        case .failure(let failure):
            tell(.failed(failure.description))
            let wait = Self.backoff[min(failures, Self.backoff.count - 1)]
            failures += 1
            timer?.arm(at: loop.now + wait)
        }
    }
}
