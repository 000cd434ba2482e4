import Basics
import Foundation
import SimulatedGemini
import Testing
import Wire

/// What public SDKs really sent, played into the service: legal conversations.
@Suite struct CaptureTests {
    struct Capture: CustomTestStringConvertible, Sendable {
        var name: String
        var testDescription: String { name }
    }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "WireTests/Fixtures/captures")

    static let captures: [Capture] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".jsonl") }.sorted().map { Capture(name: $0) }
    }()

    /// Plays a capture with pauses after each end of a turn. Handles and call ids are replaced by
    /// the ones this service gave.
    private func play(_ capture: Capture, on service: SimulatedService) throws -> Caller {
        let text = try String(
            contentsOf: Self.folder.appending(path: capture.name), encoding: .utf8)
        var lines = text.split(separator: "\n").map {
            (try? JSONSerialization.jsonObject(with: Data($0.utf8))) as? [String: Any] ?? [:]
        }
        let request = lines.removeFirst()
        var handle = ""
        if capture.name.contains("-2.jsonl") {
            handle = try #require(giveHandle(service, line: lines[0]["payload"] as? String ?? ""))
        }
        let caller = Caller(service, target: request["path"] as? String ?? "", key: "KEY")
        var answered = 0
        for line in lines {
            var payload = line["payload"] as? String ?? ""
            payload = payload.replacing(/h-[0-9a-f]{32}/, with: handle)
            if payload.contains("functionResponses"), answered < caller.callIDs.count {
                payload = payload.replacing(/call-[0-9a-f]{8}/, with: caller.callIDs[answered])
                answered += 1
            }
            caller.say(payload)
            let isHalf = capture.name.hasPrefix("livekit") && payload.contains("activityEnd")
            let isTurn =
                !isHalf
                && ["activityEnd", "audioStreamEnd", "omplete\": true", "\"text\"", "setup"]
                    .contains { payload.contains($0) }
            caller.wait(isTurn ? .seconds(6) : .milliseconds(20))
            if payload.contains("tool_response") { caller.wait(.seconds(6)) }
        }
        return caller
    }

    /// A connection before the captured one, for the handle it gives.
    private func giveHandle(_ service: SimulatedService, line: String) -> String? {
        let first = Caller(service)
        first.say(line.replacing(/"handle": ?"[^"]*"/, with: "").replacing(", }", with: "}"))
        first.wait(.seconds(1))
        first.text("hello")
        first.wait(.seconds(6))
        first.hangUp()
        return first.handle
    }

    /// Typed turns by `clientContent` on 3.1, which the real service refuses with 1007 though the
    /// imitation the captures were taken from did not.
    private static func isRefused(_ name: String) -> Bool {
        name == "google-adk-text-tool.jsonl" || name.hasPrefix("livekit-plugins-google-text-tool.j")
            || name.hasPrefix("livekit-plugins-google-resume-text")
            || name == "livekit-plugins-google-manual-vad.jsonl"
            || name.hasPrefix("livekit-plugins-google-resume")
    }

    @Test("every captured client is understood", arguments: captures)
    func everyClient(_ capture: Capture) throws {
        let service = SimulatedService(seed: 7)
        let caller = try play(capture, on: service)
        if Self.isRefused(capture.name) {
            #expect(caller.violations == [.contentNotAllowed])
            #expect(caller.close == .some(Close(1007, "Request contains an invalid argument.")))
        } else {
            // The seeded conversations answer a tool they never declared.
            let expected: [Heard.Violation.Kind] =
                capture.name.contains("seeded") ? [.unknownToolCall] : []
            #expect(service.violations.map(\.kind) == expected)
            #expect(caller.close == nil)
        }
    }

    @Test("spoken turns are recognised by their samples", arguments: captures)
    func turnsAreRecognised(_ capture: Capture) throws {
        guard capture.name.contains("vad"), !Self.isRefused(capture.name) else { return }
        let caller = try play(capture, on: SimulatedService(seed: 8))
        let spoken = caller.heard.turns.filter { $0.input == .activity || $0.input == .speech }
        let turns = spoken.map(\.sound.turns)
        if capture.name.hasPrefix("pipecat-ai-manual") {
            #expect(turns == [[1], [1, 2], [2, 3]])
        } else if capture.name.hasPrefix("pipecat-ai-auto")
            || capture.name.hasPrefix("livekit")
                && capture.name.contains("auto")
        {
            // Neither ever sends silence or an end of the stream: the turn stays open.
            #expect(turns == [])
        } else {
            #expect(turns == [[1], [2], [3]])
            // LiveKit asks again by a content at once, which cuts off the first answer.
            let outcome: Heard.Outcome =
                capture.name.hasPrefix("livekit") ? .interrupted : .answered
            #expect(spoken.map(\.outcome) == [outcome, outcome, outcome])
        }
    }
}
