import Basics
import Ledger
import Policies
import Sessions
import Testing

@testable import Proxy

@Suite struct ModelHealthRegistryTests {
    private let model = "gemini-3.1-flash-live-preview"
    private let family = LearnedClocks(soft: .seconds(4), hard: .seconds(8))
    private let registry = ModelHealthRegistry()

    private func clocks(_ session: String, at second: Int64) -> LearnedClocks {
        registry.clocks(
            model, for: session, Policy(), family: family,
            at: Instant(nanoseconds: 0) + .seconds(second))
    }

    private func tell(_ finding: ModelHealth.Finding, _ session: String, at second: Int64) {
        _ = registry.write(
            finding, of: model, by: session, Policy(),
            at: Instant(nanoseconds: 0) + .seconds(second))
    }

    @Test("of many sessions with a model without history, one tries a remedy and the others wait")
    func trial() {
        #expect(clocks("a", at: 3) == clocks("b", at: 3))
        #expect(clocks("b", at: 4).soft == .seconds(4))
        tell(.tried, "a", at: 4)
        #expect(clocks("a", at: 5).soft == .seconds(4))
        #expect(clocks("b", at: 5).soft == .seconds(14))
        // It was slow, and is known to be.
        tell(.soundedLate(wait: .seconds(9), sinceRemedy: .seconds(5), isFirst: true), "a", at: 9)
        #expect(clocks("b", at: 10) == clocks("a", at: 10))
        #expect(clocks("b", at: 10).soft == .seconds(11))
    }

    @Test("a trial without a result ends by itself")
    func nothing() {
        tell(.tried, "a", at: 4)
        #expect(clocks("b", at: 17).soft == .seconds(14))
        #expect(clocks("b", at: 18).soft == .seconds(4))
    }

    @Test("a model that one tenant does not have is avoided by no other")
    func absent() {
        func chosen(_ tenant: String, at second: Int64) -> String {
            registry.choose(
                model, for: tenant, named(tenant), at: Instant(nanoseconds: 0) + .seconds(second))
        }
        func tell(_ finding: ModelHealth.Finding, at second: Int64) -> Breaker.Change? {
            registry.write(
                finding, of: model, by: "a", named("a"),
                at: Instant(nanoseconds: 0) + .seconds(second))
        }
        #expect(tell(.retired, at: 1) == .opened)
        #expect(chosen("a", at: 2) == "sibling" && chosen("b", at: 2) == model)
        #expect(registry.reports().map(\.isFailing) == [true])
        #expect(!registry.isAnyFailing(at: Policy().upstream.url))
        // One an interval tries it, and brings it back.
        #expect(chosen("a", at: 62) == model)
        #expect(tell(.answered, at: 63) == .healed)
        #expect(chosen("a", at: 64) == model)
        #expect(registry.reports().map(\.isFailing) == [false])
    }

    @Test("who does not have a model takes nobody's turn to prove that it is back")
    func stolen() {
        func at(_ second: Int64) -> Instant { Instant(nanoseconds: 0) + .seconds(second) }
        for session in ["x", "y", "z"] {
            for _ in 0..<2 {
                _ = registry.write(.failed, of: model, by: session, named("b"), at: at(1))
            }
        }
        _ = registry.write(.retired, of: model, by: "s", named("a"), at: at(1))
        func chosen(_ tenant: String, _ second: Int64) -> String {
            registry.choose(model, for: tenant, named(tenant), at: at(second))
        }
        #expect(chosen("b", 2) == "sibling" && chosen("a", 2) == "sibling")
        #expect(chosen("a", 62) == model)
        _ = registry.write(.retired, of: model, by: "a", named("a"), at: at(62))
        #expect(chosen("b", 62) == model)
        #expect(registry.write(.answered, of: model, by: "b", named("b"), at: at(63)) == .healed)
        #expect(chosen("b", 64) == model && chosen("a", 64) == "sibling")
    }

    @Test("an outage shows in a process that never heard the model; invented names are bounded")
    func outage() {
        for session in ["a", "b", "c"] { for _ in 0..<2 { tell(.failed, session, at: 1) } }
        #expect(registry.reports().map(\.model) == [model])
        #expect(registry.reports().first?.isFailing == true)
        #expect(registry.isAnyFailing(at: Policy().upstream.url))
        #expect(!registry.isAnyFailing(at: "wss://elsewhere.example"))
        for number in 0..<1000 {
            _ = registry.write(
                .failed, of: "gemini-\(number)", by: "d", Policy(), at: Instant(nanoseconds: 9))
        }
        #expect(registry.reports().count == 64)
        // One that answers is heard all the same.
        _ = registry.write(
            .answered, of: "gemini-new", by: "e", Policy(), at: Instant(nanoseconds: 9))
        #expect(registry.reports().contains { $0.model == "gemini-new" })
    }

    /// One that names a sibling of the model.
    private func named(_ tenant: String) -> Policy {
        policy(of: tenant, siblings: [model: ["sibling"]])
    }

    private func policy(of tenant: String, siblings: [String: [String]]? = nil) -> Policy {
        var policy = Policy()
        policy.tenant = tenant
        policy.models.fallback = siblings
        return policy
    }

    /// Invented names, each with an answered turn.
    private func invent(_ count: Int, _ name: String = "invented", _ policy: Policy = Policy()) {
        for number in 0..<count {
            _ = registry.write(
                .sounded(after: .seconds(1)), of: "gemini-\(name)-\(number)",
                by: "\(number)", policy, at: Instant(nanoseconds: 9))
        }
    }

    private func fail(_ policy: Policy = Policy()) {
        for session in ["a", "a", "b", "b", "c"] {
            _ = registry.write(
                .failed, of: model, by: session, policy, at: Instant(nanoseconds: 9))
        }
    }

    private var failing: [String] { registry.reports().filter(\.isFailing).map(\.model) }

    @Test("a model that fails is noticed and avoided, however many names were invented before")
    func crowd() {
        let policy = policy(of: "acme", siblings: [model: ["gemini-3.8-live"]])
        invent(2000, "before", policy)
        fail(policy)
        #expect(failing == [model])
        let chosen = { registry.choose(model, for: "d", policy, at: Instant(nanoseconds: 10)) }
        #expect(chosen() == "gemini-3.8-live")
        invent(2000, "after", policy)
        #expect(failing == [model] && chosen() == "gemini-3.8-live")
        #expect(registry.reports().count == 64)
    }

    @Test("failures are counted, however many names are invented between them")
    func between() {
        for session in ["a", "a", "b", "b", "c"] {
            tell(.failed, session, at: 1)
            invent(200, "after-\(session)")
        }
        #expect(failing == [model])
    }

    @Test("what was not used for longest is forgotten first")
    func oldest() {
        for number in 0..<20 {
            tell(.sounded(after: .seconds(8)), "a", at: 1)
            invent(60, "\(number)")
        }
        #expect(clocks("b", at: 2).soft > .seconds(9))
        invent(64)
        #expect(clocks("b", at: 2).soft == .seconds(4))
    }

    @Test("one tenant's inventions cost no other tenant what it knows")
    func neighbours() {
        let (acme, bolt) = (policy(of: "acme"), policy(of: "bolt"))
        invent(60, "models-of-bolt", bolt)
        // Heard by both; the one who invents names forgets its own share of it.
        tell(.sounded(after: .seconds(8)), "a", at: 1)
        for tenant in [bolt, acme] {
            _ = registry.clocks(
                model, for: "b", tenant, family: family, at: Instant(nanoseconds: 9))
        }
        invent(5000, "invented", acme)
        let kept = registry.reports().map(\.model)
        #expect(kept.count { $0.hasPrefix("gemini-models-of-bolt") } == 60)
        #expect(kept.contains(model) && kept.count == 60 + 64 + 1)
        // A tenant that is gone takes what only it knew with it.
        registry.keep(.builtIn)
        #expect(registry.reports().map(\.model) == [model])
    }

    @Test("an open breaker is reported with what opened it, and what has happened since")
    func open() {
        fail()
        let report = registry.reports().first
        #expect(report?.tries == 5 && report?.failures == 5 && report?.isFailing == true)
        tell(.failed, "d", at: 2)
        tell(.answered, "e", at: 3)
        #expect(registry.reports().first?.tries == 7)
        #expect(registry.reports().first?.failures == 6)
    }

    @Test("where no sibling is named, the first answer after a minute closes the breaker")
    func alone() {
        fail()
        tell(.answered, "d", at: 59)
        #expect(failing == [model])
        tell(.failed, "e", at: 61)
        tell(.answered, "e", at: 62)
        #expect(failing == [model])
        tell(.sounded(after: .seconds(1)), "f", at: 130)
        #expect(failing == [model])
        tell(.answered, "g", at: 131)
        #expect(failing == [])
    }

    @Test("what one node has learned the other knows, and what it learns back")
    func lessons() {
        let other = ModelHealthRegistry()
        for registry in [registry, other] { registry.share() }
        let policy = policy(of: "acme", siblings: [model: ["gemini-3.8-live"]])
        func choice(of registry: ModelHealthRegistry, at second: Int64) -> String {
            registry.choose(
                model, for: "z", policy, at: Instant(nanoseconds: 0) + .seconds(second))
        }
        func pass(_ first: ModelHealthRegistry, to second: ModelHealthRegistry) -> Int {
            let lessons = first.takeLessons()
            _ = second.hear(lessons)
            return lessons.count
        }
        fail(policy)
        #expect(choice(of: other, at: 1) == model)
        let lessons = registry.takeLessons()
        #expect(lessons.count == 1 && other.hear(lessons) == lessons)
        // The same again is no news.
        #expect(other.hear(lessons) == [])
        #expect(choice(of: other, at: 1) == "gemini-3.8-live")
        // It tries for itself after a minute, and the other hears of it.
        #expect(choice(of: other, at: 61) == model)
        let answer = other.write(
            .soundedLate(wait: .seconds(9), sinceRemedy: .seconds(9), isFirst: true), of: model,
            by: "z", policy,
            at: Instant(nanoseconds: 0) + .seconds(70))
        #expect(answer == .healed)
        #expect(choice(of: registry, at: 50) == "gemini-3.8-live")
        #expect(pass(other, to: registry) == 2)
        #expect(choice(of: registry, at: 51) == model)
        let clocks = { (registry: ModelHealthRegistry) in
            registry.clocks(
                self.model, for: "y", policy, family: self.family,
                at: Instant(nanoseconds: 0) + .seconds(80))
        }
        #expect(clocks(registry).soft > .seconds(10))
        #expect(clocks(registry) == clocks(other))
        // What was heard is not told back, nor told again.
        #expect(registry.takeLessons() == [] && other.takeLessons() == [])
        // A failing model that nobody can be led from is nobody else's concern, nor are names.
        fail(self.policy(of: "bolt"))
        invent(1, "only-here", self.policy(of: "bolt"))
        let told = registry.takeLessons()
        #expect(told.map(\.model) == ["gemini-only-here-0"])
        var times = ResponseTimes()
        times.add(.seconds(1))
        #expect(told.first?.content == .pace(times.pace))
    }

    @Test("of others' models a bounded number is remembered")
    func crowdOfLessons() {
        for number in 0..<5000 {
            _ = registry.hear([ModelLesson(upstream: "u", model: "m\(number)", .pace(.seconds(9)))])
        }
        #expect(registry.heard == 1000)
        // One that fails is not forgotten for those that only take their time.
        let failing = ModelLesson(upstream: "u", model: "m", .isFailing(true))
        #expect(registry.hear([failing]) == [failing])
        for number in 0..<5000 {
            _ = registry.hear([ModelLesson(upstream: "u", model: "n\(number)", .pace(.seconds(9)))])
        }
        #expect(registry.heard == 1000 && registry.hear([failing]) == [])
        // The same where others cannot be told.
        registry.share()
        fail(policy(of: "acme", siblings: [model: ["gemini-3.8-live"]]))
        invent(2000)
        let untold = registry.takeLessons()
        #expect(untold.count == 1000 && untold.contains { $0.content == .isFailing(true) })
    }

    @Test("a model with history is tried by every session that finds it mute")
    func heard() {
        tell(.sounded(after: .seconds(1)), "a", at: 1)
        tell(.tried, "a", at: 6)
        #expect(clocks("b", at: 7).soft == .seconds(4))
    }
}

@Suite("What the admin port tells of facts and models")
struct DictionaryTests {
    @Test("every rule has an entry in the dictionary, and no entry is there twice")
    func rules() {
        let words = TimelineWord.allCases.map(\.rawValue) + TimelineEntryForm.rules.map(\.word)
        #expect(Set(words).count == words.count)
        for rule in Rule.allCases { #expect(words.contains(rule.rawValue), "\(rule)") }
    }

    @Test("a failing model is reported as failing, with names as text")
    func report() {
        let report = ModelHealthRegistry.Report(
            upstream: "wss://one", model: "a\"b", isFailing: true, tries: 10, failures: 5,
            firstSound: .milliseconds(1250))
        #expect(
            String(decoding: UpstreamReport.json([report]), as: UTF8.self)
                == #"[{"upstream":"wss://one","model":"a\"b","failing":true,"tries":10,"failures":5,"first_sound_p95":1.25}]"#
                + "\n")
        #expect(UpstreamReport.json([]) == Array("[]\n".utf8))
    }
}

/// By the model's name.
extension ModelHealthRegistry {
    fileprivate func write(
        _ finding: ModelHealth.Finding, of model: String, by session: String, _ policy: Policy,
        at now: Instant
    ) -> Breaker.Change? {
        let page = Key(upstream: policy.upstream.url, model: model)
        return write(finding, on: page, by: session, Boxed(policy), at: now)
    }

    fileprivate func clocks(
        _ model: String, for session: String, _ policy: Policy, family: LearnedClocks,
        at now: Instant
    ) -> LearnedClocks {
        let page = Key(upstream: policy.upstream.url, model: model)
        return clocks(page, for: session, Boxed(policy), family: family, at: now)
    }
}
