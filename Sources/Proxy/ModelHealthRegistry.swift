import Basics
import Ledger
import Policies
import Sessions
import Synchronization

/// What this process's sessions have learned about models, or received from other nodes: which
/// models fail, and how long each takes. By upstream and model, because regions fail independently.
/// Behind one lock, taken when a session begins and once or twice per turn, never for a message.
final class ModelHealthRegistry: Sendable {
    /// A class, because each session keeps its own key and passes it on in every turn.
    final class Key: Hashable, Sendable {
        let upstream: String
        let model: String
        /// Whether a name leads to a model also depends on the tenant: for that, each tenant has
        /// its own page. Empty: the page of all tenants.
        let tenant: String
        /// The hash of all three, computed once: they are long, and compared in every turn.
        private let hash: Int

        init(upstream: String, model: String, tenant: String = "") {
            (self.upstream, self.model, self.tenant) = (upstream, model, tenant)
            var hasher = Hasher()
            hasher.combine(upstream)
            hasher.combine(model)
            hasher.combine(tenant)
            hash = hasher.finalize()
        }

        static func == (one: Key, other: Key) -> Bool {
            one === other
                || one.hash == other.hash && one.upstream == other.upstream
                    && one.model == other.model && one.tenant == other.tenant
        }

        func hash(into hasher: inout Hasher) { hasher.combine(hash) }

        func own(by tenant: String) -> Key { Key(upstream: upstream, model: model, tenant: tenant) }
    }

    fileprivate struct Page {
        var breaker = Breaker()
        var times = ResponseTimes()
        /// The session that tries a remedy on a model without history, and since when.
        var trial: (session: String, at: Instant)?
        /// The number of tenants that have it on their shelf.
        var tenants = 0
        /// The pace that other nodes know.
        var told = Interval.zero

        /// The pace, if it is news to other nodes: less than half, or half as much again.
        mutating func news() -> Interval? {
            let pace = times.pace
            guard pace > told * 3 / 2 || pace < told / 2 else { return nil }
            told = pace
            return pace
        }

        mutating func hear(_ news: inout News, _ policy: Policy, at now: Instant) {
            // The same pace may be reported again.
            if let pace = news.pace, pace != told {
                times.heard(pace)
                told = pace
            }
            news.pace = nil
            if let isFailing = news.isFailing, let terms = policy.models.breaker {
                breaker.heard(isFailing: isFailing, terms, at: now)
                news.isFailing = nil
            }
        }
    }

    /// One node's news about a model for the others.
    fileprivate struct News {
        var isFailing: Bool?
        var pace: Interval?

        var isEmpty: Bool { isFailing == nil && pace == nil }
    }

    /// The newest news of each model, for a bounded number of models.
    fileprivate struct Newspaper {
        private var news: [Key: News] = [:]

        private static let most = 1000

        var count: Int { news.count }

        func isFailing(_ key: Key) -> Bool? { news[key]?.isFailing }

        mutating func add(_ lesson: ModelLesson) {
            let key = Key(upstream: lesson.upstream, model: lesson.model)
            if news[key] == nil, news.count >= Self.most {
                // That one model fails is more important than how fast another is.
                guard let least = news.first(where: { $0.value.isFailing == nil }) else { return }
                news[least.key] = nil
            }
            switch lesson.content {
            case .isFailing(let isFailing): news[key, default: News()].isFailing = isFailing
            case .pace(let pace): news[key, default: News()].pace = pace
            }
        }

        mutating func take(_ key: Key) -> News? {
            news.isEmpty ? nil : news.removeValue(forKey: key)
        }

        /// News that the reader cannot use yet.
        mutating func keep(_ rest: News, of key: Key) { if !rest.isEmpty { news[key] = rest } }

        var lessons: [ModelLesson] {
            news.flatMap { key, news in
                let contents: [ModelLesson.Content?] = [
                    news.isFailing.map { .isFailing($0) }, news.pace.map { .pace($0) },
                ]
                return contents.compactMap { content in
                    content.map { ModelLesson(upstream: key.upstream, model: key.model, $0) }
                }
            }
        }
    }

    /// A page is kept for as long as a tenant has it on its shelf. Each shelf has its own limit:
    /// clients may invent names, and then only their own tenant forgets something.
    fileprivate struct Shelves {
        var pages: [Key: Page] = [:]
        /// When each tenant last used its pages, in uses of any page.
        private var uses: [String: [Key: Int]] = [:]
        private var clock = 0
        /// What other nodes have learned, until a session uses the model: then there is a policy
        /// for it.
        var heard = Newspaper()
        /// News for other nodes.
        var untold = Newspaper()
        var hasOthers = false

        /// More models than a tenant uses. It also bounds the search for the page to drop.
        private static let perTenant = 64

        func avoids(_ key: Key) -> Bool {
            heard.isFailing(key) ?? pages[key]?.breaker.isOpen ?? false
        }

        /// Models that some tenant cannot find.
        var absent: Set<Key> {
            Set(
                pages.lazy.filter { !$0.key.tenant.isEmpty && $0.value.breaker.isOpen }
                    .map { $0.key.own(by: "") })
        }

        /// Whether the tenant's new session may use the model.
        mutating func admits(
            _ session: String, to key: Key, _ policy: Policy, _ terms: Policy.Breaker,
            at now: Instant
        ) -> Bool {
            // A tenant that cannot find the model cannot prove that it is back.
            let own = key.own(by: policy.tenant)
            let asked = pages[own]?.breaker.isOpen == true ? own : key
            guard pages[asked] != nil else { return true }
            use(asked, policy)
            return pages[asked]?.breaker.admits(session, terms, at: now) == true
        }

        mutating func learned(_ content: ModelLesson.Content, of key: Key) {
            guard hasOthers else { return }
            untold.add(ModelLesson(upstream: key.upstream, model: key.model, content))
        }

        /// From now on, what other nodes have learned about the model counts.
        mutating func listen(_ key: Key, _ policy: @autoclosure () -> Policy, at now: Instant) {
            guard var news = heard.take(key) else { return }
            use(key, policy())
            pages[key]?.hear(&news, policy(), at: now)
            heard.keep(news, of: key)
        }

        /// Puts the page on the tenant's shelf, in place of the least valuable one.
        mutating func use(_ key: Key, _ policy: Policy) {
            clock += 1
            if uses[policy.tenant, default: [:]].updateValue(clock, forKey: key) != nil { return }
            pages[key, default: Page()].tenants += 1
            guard let shelf = uses[policy.tenant], shelf.count > Self.perTenant else { return }
            let others = shelf.filter { $0.key != key }
                .map { (key: $0.key, worth: worth($0.key, policy), used: $0.value) }
            if let least = others.min(by: { ($0.worth, $0.used) < ($1.worth, $1.used) }) {
                drop(least.key, of: policy.tenant)
            }
        }

        /// A failing model is remembered longer than one that answers, and one that a policy names
        /// longer than one that only a client named.
        private func worth(_ key: Key, _ policy: Policy) -> Int {
            guard let breaker = pages[key]?.breaker else { return 0 }
            let hasFailed = breaker.recent(ModelHealthRegistry.remembered).failures > 0
            let trouble = breaker.isOpen ? 2 : hasFailed ? 1 : 0
            return 2 * trouble + (policy.models.concerns(key.model) ? 1 : 0)
        }

        private mutating func drop(_ key: Key, of tenant: String) {
            guard uses[tenant]?.removeValue(forKey: key) != nil else { return }
            pages[key]?.tenants -= 1
            if pages[key]?.tenants == 0 { pages[key] = nil }
        }

        /// Drops pages that only tenants that no longer exist have used.
        mutating func keep(_ tenants: Set<String>) {
            for gone in uses.keys where !tenants.contains(gone) {
                for key in uses[gone, default: [:]].keys { drop(key, of: gone) }
                uses[gone] = nil
            }
        }
    }

    private let shelves = Mutex(Shelves())

    /// The model for a new session: the requested one, or the first of its siblings that works. If
    /// all fail, the requested one.
    func choose(
        _ model: String, for session: String, _ policy: Policy, at now: Instant
    ) -> String {
        guard let terms = policy.models.breaker else { return model }
        return shelves.withLock { shelves in
            var candidates = [model]
            var index = 0
            while index < candidates.count {
                let candidate = candidates[index]
                let key = Key(upstream: policy.upstream.url, model: candidate)
                shelves.listen(key, policy, at: now)
                if shelves.admits(session, to: key, policy, terms, at: now) { return candidate }
                let siblings = policy.models.named(for: candidate)
                candidates += siblings.filter { !candidates.contains($0) }
                index += 1
            }
            return model
        }
    }

    /// Records what a session has observed about its model.
    func write(
        _ finding: ModelHealth.Finding, on key: Key, by session: String,
        _ policy: Boxed<Policy>, at now: Instant
    ) -> Breaker.Change? {
        shelves.withLock { shelves in
            let policy = policy.value
            // The service answers only for models that exist; after a restart during an outage,
            // only failures are seen. For an invented name, the service says that it does not
            // exist.
            guard
                finding != .retired || shelves.pages[key] != nil
                    || policy.models.concerns(key.model)
            else { return nil }
            shelves.listen(key, policy, at: now)
            shelves.use(key, policy)
            if finding == .retired { shelves.use(key.own(by: policy.tenant), policy) }
            shelves.pages[key]?.times.hear(finding)
            if finding == .tried, shelves.pages[key]?.times.isUnheard == true {
                shelves.pages[key]?.trial = (session, now)
            }
            if shelves.hasOthers, let pace = shelves.pages[key]?.news() {
                shelves.learned(.pace(pace), of: key)
            }
            let change = judge(finding, key, by: session, policy, in: &shelves, at: now)
            // Otherwise this matters only if there is a sibling to move to.
            if let change, finding != .retired, policy.models.concerns(key.model) {
                shelves.learned(.isFailing(change == .opened), of: key)
            }
            return change
        }
    }

    private func judge(
        _ finding: ModelHealth.Finding, _ key: Key, by session: String, _ policy: Policy,
        in shelves: inout Shelves, at now: Instant
    ) -> Breaker.Change? {
        guard let terms = policy.models.breaker else { return nil }
        // Without a sibling no session is kept away, so any may be the probe.
        if policy.models.named(for: key.model).isEmpty, finding.isOfFirstTurn {
            _ = shelves.admits(session, to: key, policy, terms, at: now)
        }
        switch finding {
        case .failed: return shelves.pages[key]?.breaker.failed(session, terms, at: now)
        case .retired:
            let own = key.own(by: policy.tenant)
            return shelves.pages[own]?.breaker.retired(session, terms, at: now)
        case .answered, .soundedLate:
            guard finding.isOfFirstTurn else { return nil }
            let own = shelves.pages[key.own(by: policy.tenant)]?.breaker.answered(session)
            return shelves.pages[key]?.breaker.answered(session) ?? own
        case .tried, .sounded, .soundedAgain, .paused: return nil
        }
    }

    /// From now on, keeps what is learned for other nodes.
    func share() { shelves.withLock { $0.hasOthers = true } }

    /// Whether new sessions avoid a model of this upstream, whatever their tenant.
    func isAnyFailing(at upstream: String) -> Bool {
        shelves.withLock { shelves in
            shelves.pages.contains { key, page in
                key.upstream == upstream && key.tenant.isEmpty && page.breaker.isOpen
            }
        }
    }

    /// Models that only other nodes have used.
    var heard: Int { shelves.withLock { $0.heard.count } }

    /// Forgets models that no tenant of these policies has used.
    func keep(_ policies: PolicySet) {
        shelves.withLock { $0.keep(Set(policies.all.map(\.policy.tenant))) }
    }

    /// How long a session waits for the model's first audio. If many sessions begin at once with a
    /// model without history, one tries the first remedy, and the others wait for the result.
    func clocks(
        _ key: Key, for session: String, _ policy: Boxed<Policy>, family: LearnedClocks,
        at now: Instant
    ) -> LearnedClocks {
        shelves.withLock { shelves in
            shelves.listen(key, policy.value, at: now)
            guard let page = shelves.pages[key] else {
                return ResponseTimes().clocks(family: family)
            }
            if page.times.isUnheard, let trial = page.trial, trial.session != session,
                case let patient = ResponseTimes.patient(family), now < trial.at + patient.soft
            {
                return patient
            }
            return page.times.clocks(family: family)
        }
    }

    /// What is known about one model at one upstream.
    struct Report {
        var upstream: String
        var model: String
        /// New sessions avoid it, if their policy names another.
        var isFailing: Bool
        /// Among the latest first turns, including those while the breaker was open.
        var tries: Int
        var failures: Int
        /// 19 of 20 answers have their first sound within this time; nil before the first.
        var firstSound: Interval?
    }

    /// Sorted by upstream and model.
    func reports() -> [Report] {
        let found = shelves.withLock { shelves in
            let absent = shelves.absent
            return shelves.pages.filter(\.key.tenant.isEmpty).map { key, page in
                let recent = page.breaker.recent(Self.remembered)
                return Report(
                    upstream: key.upstream, model: key.model,
                    isFailing: page.breaker.isOpen || absent.contains(key),
                    tries: recent.tries, failures: recent.failures,
                    firstSound: page.times.slowest > .zero ? page.times.slowest : nil)
            }
        }
        return found.sorted { ($0.upstream, $0.model) < ($1.upstream, $1.model) }
    }

    /// The number of attempts that the default `models.breaker.window` considers.
    private static let remembered = 10

    /// Every model for which a policy names a sibling, with that policy's tenant.
    func breakers(_ policies: PolicySet) -> [(tenant: String, model: String, isOpen: Bool)] {
        let tenants = policies.all
        return shelves.withLock { shelves in
            tenants.flatMap { tenant in
                let policy = tenant.policy
                return (policy.models.fallback ?? [:]).keys.sorted().map { model in
                    let key = Key(upstream: policy.upstream.url, model: model)
                    let isOpen =
                        policy.models.breaker != nil
                        && (shelves.avoids(key) || shelves.avoids(key.own(by: policy.tenant)))
                    return (policy.tenant, model, isOpen)
                }
            }
        }
    }
}

// What nodes exchange; see `Learner`.
extension ModelHealthRegistry {
    func takeLessons() -> [ModelLesson] {
        shelves.withLock { shelves in
            defer { shelves.untold = Newspaper() }
            return shelves.untold.lessons
        }
    }

    /// - Returns: The lessons that change which models are avoided.
    func hear(_ lessons: [ModelLesson]) -> [ModelLesson] {
        guard !lessons.isEmpty else { return [] }
        return shelves.withLock { shelves in
            lessons.filter { lesson in
                let key = Key(upstream: lesson.upstream, model: lesson.model)
                let wasAvoided = shelves.avoids(key)
                shelves.heard.add(lesson)
                return shelves.avoids(key) != wasAvoided
            }
        }
    }
}

extension Policy.Models {
    /// Whether the policy names siblings of the model, or the model as a sibling.
    fileprivate func concerns(_ model: String) -> Bool {
        !named(for: model).isEmpty || isNamed(model)
    }
}

extension ModelHealth.Finding {
    /// Whether the fact says how an attempt at a session's first turn ended.
    fileprivate var isOfFirstTurn: Bool {
        switch self {
        case .failed, .retired, .answered, .soundedLate(_, _, isFirst: true): true
        case .tried, .sounded, .soundedAgain, .paused, .soundedLate(_, _, isFirst: false): false
        }
    }
}
