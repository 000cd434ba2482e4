import Basics
import Foundation
import SimulatedGemini
import Testing
import Wire

/// A client without a network: one connection with its own clock, and everything it received.
final class Caller {
    struct Message {
        var at: Interval
        var json: [String: Any]
        var bytes: [UInt8]

        var content: [String: Any] { json["serverContent"] as? [String: Any] ?? [:] }
        var audio: [UInt8] {
            let turn = content["modelTurn"] as? [String: Any] ?? [:]
            let parts = turn["parts"] as? [[String: Any]] ?? []
            return parts.flatMap { part -> [UInt8] in
                let blob = part["inlineData"] as? [String: Any] ?? [:]
                return [UInt8](Data(base64Encoded: blob["data"] as? String ?? "") ?? Data())
            }
        }
    }

    static let path =
        "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
    static let vertexPath = "/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent"

    let service: SimulatedService
    let connection: SimulatedConnection
    private(set) var now: Instant
    private(set) var messages: [Message] = []
    private(set) var opcodes: Set<UInt8> = []
    private(set) var close: Close?
    private(set) var wasAborted = false
    private(set) var isAccepted = false
    private(set) var refusal: Int?
    private(set) var isPaused = false

    init(
        _ service: SimulatedService, target: String = path, key: String = "KEY",
        at now: Instant = Instant(nanoseconds: 0)
    ) {
        self.service = service
        self.now = now
        connection = service.connect()
        post(.opened(Upgrade(target: target, apiKey: key)), "")
    }

    var heard: Heard { connection.conversation?.heard ?? Heard() }

    func post(_ event: ServerEvent, _ text: String) { post(event, Array(text.utf8)) }

    func post(_ event: ServerEvent, _ bytes: [UInt8]) {
        var actions: [ServerAction] = []
        connection.handle(event, payload: bytes.span, at: now, into: &actions)
        for action in actions {
            switch action {
            case .accept: isAccepted = true
            case .refuse(let status, _): refusal = status
            case .send(let bytes, let opcode):
                opcodes.insert(opcode.rawValue)
                let json = try? JSONSerialization.jsonObject(with: Data(bytes))
                messages.append(
                    Message(
                        at: now - Instant(nanoseconds: 0), json: json as? [String: Any] ?? [:],
                        bytes: bytes))
            case .close(let reason): close = reason
            case .abort: wasAborted = true
            case .pauseReading: isPaused = true
            case .resumeReading: isPaused = false
            }
        }
    }

    func say(_ text: String) { post(.received(.text), text) }

    func send(_ bytes: [UInt8]) { post(.received(.binary), bytes) }

    /// Lets time pass, waking the connection whenever it asks.
    func wait(_ interval: Interval) {
        let end = now + interval
        var wakes = 0
        while let deadline = connection.deadline, deadline <= end {
            now = max(now, deadline)
            post(.wokeUp, "")
            wakes += 1
            #expect(wakes < 100_000)
            guard wakes < 100_000 else { return }
        }
        now = end
    }

    func hangUp(_ close: Close = Close(1000)) { post(.closed(close), "") }

    // MARK: Things clients say

    func setUp(_ model: String = "gemini-3.1-flash-live-preview", _ fields: String = "") {
        let more = fields.isEmpty ? "" : "," + fields
        say(#"{"setup":{"model":"models/\#(model)"\#(more)}}"#)
        wait(.milliseconds(400))
    }

    static let manual = #""realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}"#

    /// `length` of a constant tone that says which turn it belongs to.
    static func pcm(turn: Int, _ length: Interval, rate: Int = 16_000) -> [UInt8] {
        let value = turn == 0 ? 0 : UInt16(1000 + turn)
        let count = Int(length.nanoseconds) * rate / 1_000_000_000
        return (0..<count).flatMap { _ in [UInt8(value & 255), UInt8(value >> 8)] }
    }

    func audio(turn: Int, _ length: Interval = .milliseconds(100)) {
        sound(Caller.pcm(turn: turn, length))
    }

    func sound(_ pcm: [UInt8]) {
        let data = Data(pcm).base64EncodedString()
        say(#"{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"\#(data)"}}}"#)
    }

    func start() { say(#"{"realtimeInput":{"activityStart":{}}}"#) }
    func end() { say(#"{"realtimeInput":{"activityEnd":{}}}"#) }
    func text(_ words: String) { say(#"{"realtimeInput":{"text":"\#(words)"}}"#) }

    func content(_ words: String, complete: Bool = true) {
        say(
            #"{"clientContent":{"turns":[{"role":"user","parts":[{"text":"\#(words)"}]}],"turnComplete":\#(complete)}}"#
        )
    }

    func speak(turn: Int) {
        start()
        audio(turn: turn)
        wait(.milliseconds(600))
        end()
    }

    // MARK: What it was told

    var replies: [String] { heard.turns.map(\.reply) }
    var outcomes: [Heard.Outcome] { heard.turns.map(\.outcome) }
    var violations: [Heard.Violation.Kind] { heard.violations.map(\.kind) }

    /// Message kinds in order, one word each, repetitions left out.
    var story: [String] {
        var words: [String] = []
        for message in messages {
            for word in Caller.words(message) where words.last != word { words.append(word) }
        }
        return words
    }

    private static func words(_ message: Message) -> [String] {
        var words: [String] = []
        let content = message.content
        if message.json["setupComplete"] != nil { words.append("setupComplete") }
        if content["inputTranscription"] != nil { words.append("heard") }
        if content["modelTurn"] != nil {
            words.append(message.audio.isEmpty ? "thought" : "audio")
        }
        for key in ["interrupted", "generationComplete", "turnComplete"] where content[key] != nil {
            words.append(key)
        }
        if let status = content["interactionStatus"] as? String { words.append(status) }
        for key in ["toolCall", "toolCallCancellation", "goAway"] where message.json[key] != nil {
            words.append(key)
        }
        return words
    }

    var handle: String? {
        messages.reversed().lazy.compactMap {
            ($0.json["sessionResumptionUpdate"] as? [String: Any])?["newHandle"] as? String
        }.first
    }

    var callIDs: [String] {
        messages.flatMap { message -> [String] in
            let call = message.json["toolCall"] as? [String: Any] ?? [:]
            let calls = call["functionCalls"] as? [[String: Any]] ?? []
            return calls.compactMap { $0["id"] as? String }
        }
    }
}
