import Foundation
import Testing
import YAML

@testable import Policies

/// The worked examples say what their comments claim.
@Suite("The example policies")
struct ExampleTests {
    static let directory = DocumentTests.policies.appending(path: "examples").path(
        percentEncoded: false)

    private func set() throws -> PolicySet { try PolicyDirectory.load(Self.directory).get() }

    @Test("they pass check, whatever the environment contains")
    func check() throws {
        let report = Check.run(Self.directory)
        #expect(report.exitCode == 0)
        #expect(report.lines.first == "3 policies ok: exam, interview, support")
        #expect(try set().defaultTenant == nil)
    }

    @Test("the interview ends the activity of a dead track and keeps late starts complete")
    func interview() throws {
        let policy = try #require(try set().tenant(named: "interview")).policy
        #expect(policy.turns.deadAir == .milliseconds(1500))
        #expect(policy.turns.rules[.deadAir] == .enforce)
        #expect(policy.turns.rules[.shortActivity] == .enforce)
        #expect(policy.turns.rules[.noiseHold] == .observe)
        #expect(policy.models.allows("models/gemini-2.5-flash-native-audio-preview-12-2025"))
        #expect(!policy.models.allows("gemini-3.8-live"))
        #expect(!policy.upstream.passesREST)
        #expect(policy.notify.wants(.session) && !policy.notify.wants(.breaker))
        #expect(policy.endUsers.header == "x-end-user" && policy.endUsers.dayMinutes == 180)
    }

    @Test("the exam is for two pages only, holds back noise, and limits each session")
    func exam() throws {
        let tenant = try #require(try set().tenant(named: "exam"))
        #expect(tenant.admits(origin: "https://kiosk.exam.example"))
        #expect(!tenant.admits(origin: "https://elsewhere.example"))
        #expect(tenant.policy.turns.rules[.noiseHold] == .enforce)
        #expect(tenant.policy.turns.noiseHold == .milliseconds(100))
        #expect(tenant.policy.budget.sessionMicroUSD == 1_500_000)
        #expect(!tenant.policy.log.transcripts)
    }

    @Test("the support line has its secrets in files and a sibling for its model")
    func support() throws {
        let policy = try #require(try set().tenant(named: "support")).policy
        #expect(policy.match.keys == [.file("/run/secrets/support-client-key")])
        #expect(policy.upstream.key == .file("/run/secrets/gemini-api-key"))
        #expect(policy.models.pin["gemini-live-latest"] == "gemini-3.1-flash-live-preview")
        #expect(policy.models.fallback?["gemini-3.1-flash-live-preview"] == ["gemini-3.8-live"])
        #expect(policy.turns.rules[.phantomInterrupted] == .enforce)
    }

    @Test("explain names the example's line for values it sets, and the profile for the rest")
    func explain() throws {
        let lines = try #require(
            try set().explain(tenant: "exam", model: "gemini-3.1-flash-live-preview"))
        let soft = try #require(lines.first { $0.path == "stalls.soft" })
        #expect(soft.value == "5s" && soft.origin.contains("/exam.yaml:"))
        let flush = try #require(lines.first { $0.path == "turns.flush" })
        #expect(flush.origin.hasPrefix("profile gemini-3.1"))
        #expect(lines.contains { $0.path == "profile.prices.audio_out" && $0.value == "12" })
    }

    @Test("every price list says when it was read, and includes audio")
    func prices() {
        for family in Profile.builtIn {
            guard let prices = family.profile.prices else { continue }
            #expect(prices.date.count == 10 && prices.audioIn > 0 && prices.audioOut > 0)
        }
        let unpriced = Profile.builtIn.filter { $0.profile.prices == nil }.map(\.profile.family)
        #expect(unpriced == ["default", "gemini-3.5-transcribe-live"])
    }
}
