import Foundation
import SimulatedGemini
import Simulation
import Testing

/// Where each fact occurs: a branch that is never reached is never tested. The common ones
/// turn up in the first swarms; the rare ones name the trouble that leads to them.
@Suite struct CoverageTests {
    /// Two hundred and fifty runs reach all of these.
    static let common: Set<String> = [
        "activityEnded", "activityEnded.client", "activityEnded.turnkeeper", "activityStarted",
        "byproductKept", "byproductKept.setup_complete", "closed", "closed.client",
        "closed.gemini", "closed.turnkeeper", "connected", "dialFailed", "dialing", "ended",
        "ended.completed", "ended.refused", "ended.stopped", "ended.unanswered",
        "firstAudio", "handleReceived", "inputHeld", "malformed", "nudged",
        "pinged", "reconnected", "reconnected.resumed", "recovered", "replayed", "retrying",
        "ruleApplied", "setUp", "setUp.automatic", "setUp.manual", "setupCompleted", "stalled",
        "stalled.after_interrupt",
        "toolAnswered", "toolCalled", "transcribed", "troubled", "turnEnded",
        "turnEnded.answered", "turnEnded.interrupted", "turnEnded.silent", "turnStarted",
        "turnStarted.audio", "turnStarted.none", "turnStarted.text", "turnStarted.tool", "used",
        "activityStarted.client", "activityStarted.turnkeeper",
        "contextLost", "picturesReplaced", "toolCancelled", "toolResultsDropped",
    ]

    struct Rare: Sendable, CustomTestStringConvertible {
        var fact: String
        var trial: Trial

        init(
            _ fact: String, _ name: String, _ options: FaultPlan.Option...,
            with: String? = nil, _ more: [FaultPlan.Option] = [],
            plots: [Scene.Plot] = [.talk, .tool]
        ) {
            self.fact = fact
            trial = Trial(name, with: with, more, plots: plots)
            trial.faults[0].options = options
        }

        var testDescription: String { "\(fact) by \(trial.testDescription)" }
    }

    static let rare: [Rare] = [
        Rare("stalled.no_output", "end-ignored", "turns: 3", "total: 1"),
        Rare("stalled.transcribed_only", "silent-freeze", "turns: 3", "total: 1"),
        Rare("stalled.empty_turn", "empty-turn", "turns: 3", "total: 1"),
        Rare("stalled.text_only", "text-only", "turns: 3", "total: 1"),
        Rare("stalled.first_reply_never", "first-reply-never", "total: 1"),
        Rare("stalled.tool_result_ignored", "tool-result-ignored", "total: 1", plots: [.tool]),
        Rare("stalled.output_froze", "output-freeze", "turns: 3", "total: 1"),
        Rare("stalled.in_progress_stuck", "in-progress-stuck", "turns: 3", "total: 1"),
        Rare("stalled.wedged", "zero-output", "turns: 3", "total: 1"),
        Rare("stalled.setup_unanswered", "slow-setup", "never: true", "total: 1"),
        Rare("nudgeEnded.answered", "empty-turn", "turns: 3", "nudges: 1"),
        Rare("nudgeEnded.ignored", "silent-freeze", "turns: 3", "total: 1"),
        Rare("goAwayReceived", "go-away", "after: 8s", "time_left: 10s", "times: 1"),
        Rare("reconnected.resumed", "internal-error", "turns: 3", "total: 1"),
        Rare("reconnected.redialed", "slow-setup", "never: true", "total: 1"),
        Rare(
            "reconnected.rebuilt", "no-handle", with: "internal-error", ["turns: 3", "total: 1"]),
        Rare("contextRestored", "no-handle", with: "internal-error", ["turns: 3", "total: 1"]),
        Rare("replayed", "internal-error", "turns: 3", "total: 1"),
        Rare("replyCut", "cut-reply", "turns: 3", "total: 1", "part: 0.9"),
        Rare("callRemembered", "call-again", with: "call-close", ["total: 1"], plots: [.tool]),
        Rare("byproductKept.transcript", "cut-reply", "attempts: 1"),
        Rare("ruleApplied.phantom_interrupted", "phantom-interrupt", "turns: 1", "total: 1"),
        Rare("madeUp.turn_complete", "interrupt-unfinished", plots: [.bargeIn]),
        Rare("fellBack", "retired-model", "total: 9"),
        Rare("gaveUp", "internal-error", "delay: 0ms"),
    ]

    /// Every fact that is named here, whatever its kind.
    static let named = Set(
        (common.map { $0 } + rare.map(\.fact) + Coverage.elsewhere.keys)
            .compactMap { $0.split(separator: ".").first.map(String.init) })

    @Test("a rare fact is reached as the table says", arguments: rare)
    func reached(_ rare: Rare) throws {
        for scene in rare.trial.scenes {
            var sick = scene
            sick.scenario = try Scenario(name: rare.fact, faults: rare.trial.faults)
            if sick.play().reached.contains(rare.fact) { return }
        }
        Issue.record("\(rare.testDescription) was not reached")
    }

    @Test("the stories named for the rest reach it")
    func stories() throws {
        let root = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent()
        for (branch, story) in Coverage.elsewhere {
            let url = root.appending(path: "SessionsTests/Stories/\(story).story")
            let text = try String(contentsOf: url, encoding: .utf8)
            let isReached = text.split(separator: "\n").contains { line in
                Self.isFact(String(line.drop { $0 == " " }), branch)
            }
            #expect(isReached, "\(branch) names \(story), which does not come across it")
        }
    }

    /// Whether the line of a story is that fact: `* ended(.clientClosed)` is `ended.client_closed`.
    private static func isFact(_ line: String, _ branch: String) -> Bool {
        let words = branch.split(separator: ".", maxSplits: 1)
        guard let fact = words.first, line == "* \(fact)" || line.hasPrefix("* \(fact)(") else {
            return false
        }
        guard words.count == 2 else { return true }
        let parts = words[1].split(separator: "_")
        let kind = (parts.prefix(1) + parts.dropFirst().map { $0.capitalized[...] }).joined()
        return line.contains(".\(kind)")
    }

    @Test("a run that does not come across a fact, or a kind of one, says so")
    func missing() {
        let all = Set(Coverage.all)
        #expect(all.count == Coverage.all.count)
        #expect(Coverage.missing(from: all).isEmpty)
        let lacking = all.subtracting(["nudged", "stalled.wedged", "parked"])
        #expect(Coverage.missing(from: lacking).sorted() == ["nudged", "stalled.wedged"])
        #expect(Set(Coverage.elsewhere.keys).isSubset(of: all))
        #expect(Self.common.isSubset(of: all))
        #expect(Self.rare.allSatisfy { all.contains($0.fact) })
    }
}
