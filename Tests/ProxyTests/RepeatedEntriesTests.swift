import Basics
import Foundation
import Ledger
import Policies
import Sessions
import Testing
import Usage

@testable import Proxy

@Suite("What repeats on a timeline")
struct RepeatedEntriesTests {
    /// The timeline of a session to which these facts happen.
    private func timeline(_ facts: [Fact]) throws -> [String] {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer {
            for end in ["", "-wal", "-shm", ".lock"] {
                try? FileManager.default.removeItem(atPath: path + end)
            }
        }
        let ledger = try Ledger.open(path).get()
        let recorder = LedgerRecorder(
            session: "s", policy: Policy(), endUser: "", ledger: ledger,
            at: Instant(nanoseconds: 0))
        var usage = TurnUsage(turn: 0)
        for fact in facts {
            let told = FactDescription.describe(fact, payload: Span(), transcripts: true)
            let entry = told.map {
                TimelineEntry(at: .zero, what: $0.what, lane: $0.lane, text: $0.text)
            }
            _ = recorder.note(
                fact, entry, payload: Span(), Policy().log, .builtIn, into: &usage,
                at: Instant(nanoseconds: 0))
        }
        ledger.close()
        let report = try #require(try LedgerReader(.file(path)).session("s"))
        return report.events.map { "\($0.what): \($0.text)" }
    }

    private func activity(_ sound: Interval) -> [Fact] {
        [
            .activityStarted(by: .client),
            .ruleApplied(.emptyActivity, .enforce, detail: .none),
            .activityEnded(by: .client, audio: sound),
        ]
    }

    @Test("empty activities, one after another, make two entries of each kind")
    func empty() throws {
        let facts = (0..<1000).flatMap { _ in activity(.zero) } + [.ended(.completed)]
        let told = try timeline(facts)
        #expect(told.count == 7)
        #expect(told[3...5].allSatisfy { $0.hasSuffix("... and 999 more") })
    }

    @Test("an activity with another amount of sound is told, and so is all that happens between")
    func others() throws {
        let told = try timeline(
            activity(.zero) + activity(.milliseconds(20)) + [.firstAudio(1, after: .zero)]
                + activity(.zero) + [.ended(.completed)])
        #expect(told.count { $0.hasPrefix("activity_ended") } == 3)
        #expect(!told.contains { $0.hasPrefix("activity_ended") && $0.contains("more") })
    }
}
