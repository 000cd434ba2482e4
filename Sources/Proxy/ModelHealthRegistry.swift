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
    }

    private let pages = Mutex<[Key: Page]>([:])

    /// No deployment has this many models.
    private static let limit = 512
    /// Of these, models that have only failed: clients may invent names, and must not crowd out
    /// models that exist.
    private static let mostUnheard = 64

    /// The model for a new session: the requested one, or the first of its siblings that works. If
    /// all fail, the requested one.
    func choose(
        _ model: String, for session: String, _ policy: Policy, at now: Instant
    ) -> String {
        guard let terms = policy.models.breaker else { return model }
        return pages.withLock { pages in
            var candidates = [model]
            var index = 0
            while index < candidates.count {
                let candidate = candidates[index]
                let key = Key(upstream: policy.upstream.url, model: candidate)
                if pages[key]?.breaker.admits(session, terms, at: now) ?? true { return candidate }
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
        return pages.withLock { pages in
            if pages[key] == nil {
                guard pages.count < Self.limit, isWorthAPage(testimony, model, policy, pages)
                else { return nil }
                pages[key] = Page()
            }
            switch testimony {
            case .sounded(let time, _): pages[key]?.times.add(time)
            case .soundedLate(let wait, let sinceRemedy, _):
                pages[key]?.times.add(doubtful: wait, sinceRemedy: sinceRemedy)
            case .tried:
                if pages[key]?.times.isUnheard == true { pages[key]?.trial = (session, now) }
            case .failed, .retired, .answered: break
            }
            guard let terms = policy.models.breaker else { return nil }
            switch testimony {
            case .failed: return pages[key]?.breaker.failed(session, terms, at: now)
            case .retired: return pages[key]?.breaker.retired(session, terms, at: now)
            case .answered, .sounded(_, isFirst: true), .soundedLate(_, _, isFirst: true):
                return pages[key]?.breaker.answered(session)
            case .tried, .sounded(_, isFirst: false), .soundedLate(_, _, isFirst: false):
                return nil
            }
        }
    }

    /// The service answers only for models that exist, and fails for these, too: after a restart in
    /// an outage that is all there is to hear. A name that was merely invented is `retired`.
    private func isWorthAPage(
        _ testimony: ModelHealth.Testimony, _ model: String, _ policy: Policy, _ pages: [Key: Page]
    ) -> Bool {
        if !policy.models.named(for: model).isEmpty || policy.models.isNamed(model) { return true }
        switch testimony {
        case .answered, .tried, .sounded, .soundedLate: return true
        case .failed: return pages.values.count(where: \.times.isUnheard) < Self.mostUnheard
        case .retired: return false
        }
    }

    /// How long a session waits for the model's first audio. If many begin at once with a model
    /// without history, one of them tries the first remedy, and the others wait for the result.
    func clocks(
        _ model: String, for session: String, _ policy: Policy, family: LearnedClocks,
        at now: Instant
    ) -> LearnedClocks {
        let key = Key(upstream: policy.upstream.url, model: model)
        return pages.withLock { pages in
            guard let page = pages[key] else { return ResponseTimes().clocks(family: family) }
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
        /// Of the latest first turns.
        var tries: Int
        var failures: Int
        /// 19 of 20 answers begin to sound within this; nil before the first.
        var firstSound: Interval?
    }

    /// In the order of upstreams and models.
    func reports() -> [Report] {
        let found = pages.withLock { pages in
            pages.map { key, page in
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
        return pages.withLock { pages in
            tenants.flatMap { tenant in
                let policy = tenant.policy
                return (policy.models.fallback ?? [:]).keys.sorted().map { model in
                    let key = Key(upstream: policy.upstream.url, model: model)
                    let isOpen = policy.models.breaker != nil && pages[key]?.breaker.isOpen == true
                    return (policy.tenant, model, isOpen)
                }
            }
        }
    }
}
