import Basics
import Foundation
import SimulatedGemini
import Testing
import Wire

@Suite struct AnyBytesTests {
    private static let messages = [
        #"{"setup":{"model":"models/gemini-3.8-live","generationConfig":{"topK":40.0}}}"#,
        #"{"realtime_input":{"audio":{"data":"6QPpA-kD","mime_type":"audio/pcm;rate=16000"}}}"#,
        #"{"realtimeInput":{"activityStart":{}}}"#, #"{"realtimeInput":{"activityEnd":{}}}"#,
        #"{"realtimeInput":{"audioStreamEnd":true,"text":"\u00e9\ud83d\ude00 use the tool"}}"#,
        #"{"clientContent":{"turns":[{"role":"user","parts":[{"text":"hi"}]}],"turn_complete":true}}"#,
        #"{"tool_response":{"functionResponses":[{"id":"a","name":"b","response":{"c":[1,2,{}]}}]}}"#,
        #"{"contextUpdate":{"tools":{"tools":[{"functionDeclarations":[{"name":"x"}]}]}}}"#,
    ]

    @Test("no bytes from a client can trap the service")
    func mutations() {
        var random = SeededRandom(seed: 9)
        for round in 0..<3000 {
            let caller = Caller(
                SimulatedService(
                    seed: UInt64(round), scenario: Scenario.named("lenient") ?? .healthy))
            if round % 2 == 0 {
                caller.setUp("gemini-3.8-live", round % 4 == 0 ? Caller.manual : "")
            }
            for _ in 0..<4 where caller.close == nil {
                var bytes = Array((Self.messages.randomElement(using: &random) ?? "").utf8)
                for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
                    let index = bytes.indices.randomElement(using: &random) ?? 0
                    switch Int.random(in: 0...3, using: &random) {
                    case 0: bytes.remove(at: index)
                    case 1: bytes[index] = UInt8.random(in: 0...255, using: &random)
                    case 2: bytes.insert(UInt8.random(in: 0...127, using: &random), at: index)
                    default: bytes.removeSubrange(index...)
                    }
                }
                caller.send(bytes)
                caller.wait(.milliseconds(700))
            }
            if let close = caller.close {
                #expect(close.reason.utf8.count <= 123)
                #expect(!caller.service.violations.isEmpty)
            }
        }
    }

    @Test("a message cut anywhere, or with anything after it, is malformed or nothing new")
    func cuts() {
        for message in Self.messages {
            let bytes = Array(message.utf8)
            for length in bytes.indices {
                let caller = Caller(SimulatedService(seed: 1))
                caller.send(Array(bytes[..<length]))
                #expect(caller.service.violations.map(\.kind) == [.malformed])
            }
            let caller = Caller(SimulatedService(seed: 1))
            caller.send(bytes + [0x7d])
            #expect(caller.service.violations.map(\.kind) == [.malformed])
        }
    }

    @Test("every client sample is understood", arguments: SampleFile.all)
    func samples(_ sample: SampleFile) throws {
        let text = try String(contentsOf: sample.url, encoding: .utf8)
        let isVertex = text.contains("projects/") || text.contains("transparent")
        let caller = Caller(
            SimulatedService(seed: 1, scenario: Scenario.named("lenient") ?? .healthy),
            target: isVertex ? Caller.vertexPath : Caller.path)
        if !sample.name.contains("setup") { caller.setUp("gemini-3.8-live") }
        caller.say(text)
        caller.wait(.seconds(1))
        let judged = caller.service.violations.map(\.kind)
        let schema: Set<Heard.Violation.Kind> = [
            .malformed, .unknownField, .wrongType, .notExactlyOneMember,
        ]
        #expect(schema.isDisjoint(with: judged))
        if sample.name.contains("resume") || sample.name.contains("mixed-case") {
            #expect(judged == [.unknownHandle])
        } else if sample.name.contains("setup") {
            #expect(caller.story == ["setupComplete"])
        }
    }
}

struct SampleFile: CustomTestStringConvertible, Sendable {
    var name: String
    var testDescription: String { name }
    var url: URL { Self.folder.appending(path: name) }

    static let folder = CaptureTests.folder.deletingLastPathComponent().appending(path: "samples")
    static let all: [SampleFile] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasPrefix("client-") }.sorted().map { SampleFile(name: $0) }
    }()
}
