import Basics
import Policies
import Sessions
import Synchronization

/// What the sessions of this process have learned about models: which ones fail, and how long each
/// takes. By upstream and model, because regions fail independently. Behind one lock, used when a
/// session begins and once or twice per turn, never for a message.
final class ModelHealthRegistry: Sendable {
    private struct Key: Hashable {
        var upstream: String
        var model: String
    }

    private struct Page {
        var breaker = Breaker()
        var times = ResponseTimes()
        /// The session that tries a remedy on a model without history, and since when.
        var trial: (session: String, at: Instant)?
        /// How many tenants have it on their shelf.
        var tenants = 0
    }

    /// A page is kept for as long as a tenant has it on its shelf. Shelves are limited one by one:
    /// clients may invent names, and then only their own tenant forgets something.
    private struct Shelves {
        var pages: [Key: Page] = [:]
        /// When each tenant last used its pages, in uses of any page.
        private var uses: [String: [Key: Int]] = [:]
        private var clock = 0

        /// No tenant uses this many models. It also bounds the search for the page to drop.
        private static let perTenant = 64

        /// Puts the page on the tenant's shelf, in the place of the one that is worth least.
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

        /// Whoever fails is remembered longer than whoever answers, and what a policy names longer
        /// than what a client named.
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

        /// Drops what only tenants that no longer exist have used.
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
                guard shelves.pages[key] != nil else { return candidate }
                shelves.use(key, policy)
                if shelves.pages[key]?.breaker.admits(session, terms, at: now) == true {
                    return candidate
                }
                let siblings = policy.models.named(for: candidate)
                candidates += siblings.filter { !candidates.contains($0) }
                index += 1
            }
            return model
        }
    }

    /// Records what a session has observed about its model.
    func write(
        _ testimony: ModelHealth.Testimony, of model: String, by session: String, _ policy: Policy,
        at now: Instant
    ) -> Breaker.Change? {
        let key = Key(upstream: policy.upstream.url, model: model)
        return shelves.withLock { shelves in
            // The service answers only for models that exist; after a restart in an outage, failures
            // are all there is to hear. Of a name that was merely invented it says so.
            guard
                shelves.pages[key] != nil || testimony != .retired || policy.models.concerns(model)
            else { return nil }
            shelves.use(key, policy)
            switch testimony {
            case .sounded(let time, _): shelves.pages[key]?.times.add(time)
            case .soundedLate(let wait, let sinceRemedy, _):
                shelves.pages[key]?.times.add(doubtful: wait, sinceRemedy: sinceRemedy)
            case .tried:
                if shelves.pages[key]?.times.isUnheard == true {
                    shelves.pages[key]?.trial = (session, now)
                }
            case .failed, .retired, .answered: break
            }
            guard let terms = policy.models.breaker else { return nil }
            // Without a sibling no session is kept away, so any may be the probe.
            if policy.models.named(for: model).isEmpty, testimony.isOfFirstTurn {
                _ = shelves.pages[key]?.breaker.admits(session, terms, at: now)
            }
            switch testimony {
            case .failed: return shelves.pages[key]?.breaker.failed(session, terms, at: now)
            case .retired: return shelves.pages[key]?.breaker.retired(session, terms, at: now)
            case .answered, .sounded, .soundedLate:
                return testimony.isOfFirstTurn
                    ? shelves.pages[key]?.breaker.answered(session) : nil
            case .tried: return nil
            }
        }
    }

    /// Forgets what no tenant of these policies has used.
    func keep(_ policies: PolicySet) {
        shelves.withLock { $0.keep(Set(policies.all.map(\.policy.tenant))) }
    }

    /// How long a session waits for the model's first audio. If many begin at once with a model
    /// without history, one of them tries the first remedy, and the others wait for the result.
    func clocks(
        _ model: String, for session: String, _ policy: Policy, family: LearnedClocks,
        at now: Instant
    ) -> LearnedClocks {
        let key = Key(upstream: policy.upstream.url, model: model)
        return shelves.withLock { shelves in
            guard let page = shelves.pages[key] else {
                return ResponseTimes().clocks(family: family)
            }
            shelves.use(key, policy)
            let patient = ResponseTimes.patient(family)
            if page.times.isUnheard, let trial = page.trial, trial.session != session,
                now < trial.at + patient.soft
            {
                return patient
            }
            return page.times.clocks(family: family)
        }
    }

    /// What is known of one model at one upstream.
    struct Report {
        var upstream: String
        var model: String
        /// New sessions avoid it, where a policy names another.
        var isFailing: Bool
        /// Of the latest first turns, those while the breaker was open included.
        var tries: Int
        var failures: Int
        /// 19 of 20 answers begin to sound within this; nil before the first.
        var firstSound: Interval?
    }

    /// In the order of upstreams and models.
    func reports() -> [Report] {
        let found = shelves.withLock { shelves in
            shelves.pages.map { key, page in
                let recent = page.breaker.recent(Self.remembered)
                return Report(
                    upstream: key.upstream, model: key.model, isFailing: page.breaker.isOpen,
                    tries: recent.tries, failures: recent.failures,
                    firstSound: page.times.slowest > .zero ? page.times.slowest : nil)
            }
        }
        return found.sorted { ($0.upstream, $0.model) < ($1.upstream, $1.model) }
    }

    /// As many as the default `models.breaker.window` considers.
    private static let remembered = 10

    /// Every model for which a policy names a sibling, with that policy's tenant.
    func breakers(_ policies: PolicySet) -> [(tenant: String, model: String, isOpen: Bool)] {
        let tenants = policies.tenants + (policies.stranger.map { [$0] } ?? [])
        return shelves.withLock { shelves in
            tenants.flatMap { tenant in
                let policy = tenant.policy
                return (policy.models.fallback ?? [:]).keys.sorted().map { model in
                    let key = Key(upstream: policy.upstream.url, model: model)
                    let isOpen =
                        policy.models.breaker != nil
                        && shelves.pages[key]?.breaker.isOpen == true
                    return (policy.tenant, model, isOpen)
                }
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

extension ModelHealth.Testimony {
    /// Whether it says how an attempt at a session's first turn ended.
    fileprivate var isOfFirstTurn: Bool {
        switch self {
        case .failed, .retired, .answered, .sounded(_, isFirst: true),
            .soundedLate(_, _, isFirst: true):
            true
        case .tried, .sounded(_, isFirst: false), .soundedLate(_, _, isFirst: false): false
        }
    }
}
