import Basics
import Testing
import Wire

/// What each sample is, written by hand from the wire reference.
private struct Expected {
    var client: ClientMessage?
    var server: ServerMessage?
    var audio = ""
    var text = ""
    var output = ""
    var handle = ""
    var reason = ""

    static func client(
        _ members: ClientMessage.Members, _ input: ClientMessage.Input = [],
        audio: String = "", bytes: Int32 = 0, text: String = "", turnComplete: Bool = false,
        count: Int32 = 0
    ) -> Expected {
        var message = ClientMessage()
        message.members = members
        message.input = input
        message.audioBytes = bytes
        message.turnComplete = turnComplete
        message.count = count
        return Expected(client: message, audio: audio, text: text)
    }

    static func server(
        _ members: ServerMessage.Members, _ content: ServerMessage.Content = [],
        audio: String = "", bytes: Int32 = 0, input: String = "", output: String = "",
        resumable: Bool = false, handle: String = "", lastConsumed: Int64 = -1,
        timeLeft: Interval = .zero, reason: String = ""
    ) -> Expected {
        var message = ServerMessage()
        message.members = members
        message.content = content
        message.audioBytes = bytes
        message.resumable = resumable
        message.lastConsumed = lastConsumed
        message.timeLeft = timeLeft
        return Expected(
            server: message, audio: audio, text: input, output: output, handle: handle,
            reason: reason)
    }
}

private let ramp = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v"

private let expected: [String: Expected] = [
    "client-content-python-sdk": .client(.clientContent, turnComplete: true, count: 1),
    "client-content-turn": .client(.clientContent, turnComplete: true, count: 3),
    "client-context-update-system-instruction": .client(.contextUpdate),
    "client-context-update-tools-cleared": .client(.contextUpdate),
    "client-realtime-activity-end": .client(.realtimeInput, .activityEnd),
    "client-realtime-activity-start": .client(.realtimeInput, .activityStart),
    "client-realtime-audio": .client(.realtimeInput, .audio, audio: ramp, bytes: 48),
    "client-realtime-audio-python-sdk": .client(
        .realtimeInput, .audio, audio: "-__-AAH_778=", bytes: 8),
    "client-realtime-audio-stream-end": .client(.realtimeInput, .audioStreamEnd),
    "client-realtime-media-chunks": .client(
        .realtimeInput, [.audio, .mediaChunks], audio: ramp, bytes: 48),
    "client-realtime-text": .client(.realtimeInput, .text, text: "Please slow down."),
    "client-realtime-video": .client(.realtimeInput, .video),
    "client-setup-extended-thinking": .client(.setup),
    "client-setup-gemini-3.8-auto-vad": .client(.setup),
    "client-setup-manual-vad": .client(.setup),
    "client-setup-python-sdk-mixed-case": .client(.setup),
    "client-setup-resume": .client(.setup),
    "client-setup-vertex-transparent": .client(.setup),
    "client-tool-response": .client(.toolResponse, count: 1),
    "client-tool-response-non-blocking": .client(.toolResponse, count: 1),

    "server-audio-and-transcript": .server(
        .serverContent, [.modelTurn, .audio, .outputTranscription], audio: ramp, bytes: 48,
        output: " Rome is"),
    "server-audio-chunk": .server(.serverContent, [.modelTurn, .audio], audio: ramp, bytes: 48),
    "server-empty-activity-precursor": .server([.serverContent, .usageMetadata], .turnComplete),
    "server-generation-complete": .server(.serverContent, .generationComplete),
    "server-go-away": .server(.goAway, timeLeft: .seconds(50)),
    "server-grounding": .server(.serverContent, .groundingMetadata),
    "server-input-transcription": .server(
        .serverContent, .inputTranscription, input: "and of Italy"),
    "server-interim-input-transcription": .server(.serverContent, .interimInputTranscription),
    "server-interrupted": .server(.serverContent, .interrupted),
    "server-session-resumption-not-resumable": .server(.sessionResumptionUpdate),
    "server-session-resumption-update": .server(
        .sessionResumptionUpdate, resumable: true, handle: "CihqY2s3dTBtYnRoNzM2b3Q2eHhqNGE5"),
    "server-session-resumption-vertex-transparent": .server(
        .sessionResumptionUpdate, resumable: true, handle: "7b1a2c", lastConsumed: 1287),
    "server-setup-complete": .server(.setupComplete),
    "server-setup-complete-session-id": .server(.setupComplete),
    "server-thought": .server(.serverContent, [.modelTurn, .thought]),
    "server-tool-call": .server(.toolCall),
    "server-tool-call-cancellation": .server(.toolCallCancellation),
    "server-turn-complete-idle": .server(.serverContent, [.turnComplete, .idle]),
    "server-turn-complete-in-progress": .server(.serverContent, [.turnComplete, .inProgress]),
    "server-turn-complete-usage-gemini": .server([.serverContent, .usageMetadata], .turnComplete),
    "server-turn-complete-usage-vertex": .server(
        [.serverContent, .usageMetadata], .turnComplete, reason: "NEED_MORE_INPUT"),
    "server-vad-signal-vertex": .server(.voiceActivityDetectionSignal),
    "server-voice-activity": .server([.serverContent, .voiceActivity]),
    "server-waiting-for-input": .server(.serverContent, .waitingForInput),
]

private func text(_ bytes: [UInt8], _ range: ByteRange) -> String {
    JSONText.unescape(bytes.span, range)
}

private func check(_ name: String, _ bytes: [UInt8], _ form: Comment) throws {
    let wanted = try #require(expected[name], "\(name) has no expectation")
    if let client = wanted.client {
        var found = try ClientMessage.scan(bytes.span)
        #expect(text(bytes, found.audio) == wanted.audio, form)
        #expect(text(bytes, found.text) == wanted.text, form)
        #expect(!found.value.isEmpty, form)
        (found.audio, found.text, found.value) = (.none, .none, .none)
        #expect(found == client, form)
    }
    if let server = wanted.server {
        var found = try ServerMessage.scan(bytes.span)
        #expect(text(bytes, found.audio) == wanted.audio, form)
        #expect(text(bytes, found.inputText) == wanted.text, form)
        #expect(text(bytes, found.outputText) == wanted.output, form)
        #expect(text(bytes, found.handle) == wanted.handle, form)
        #expect(text(bytes, found.turnCompleteReason) == wanted.reason, form)
        #expect(found.tool.isEmpty == !server.members.contains(.toolCall), form)
        #expect(found.cancellation.isEmpty == !server.members.contains(.toolCallCancellation))
        #expect(found.usage.isEmpty == !server.members.contains(.usageMetadata), form)
        #expect(found.isRemarked == !found.turnCompleteReason.isEmpty, form)
        (found.audio, found.inputText, found.outputText) = (.none, .none, .none)
        found.isRemarked = false
        (found.handle, found.turnCompleteReason, found.tool) = (.none, .none, .none)
        (found.cancellation, found.usage) = (.none, .none)
        #expect(found == server, form)
    }
}

@Suite("Samples")
struct SampleTests {
    @Test("every sample has an expectation, and every expectation its sample")
    func tableIsComplete() {
        #expect(Set(expected.keys) == Set(Fixtures.samples.keys))
    }

    @Test(
        "a sample is what the reference says, in every casing and spacing",
        arguments: Fixtures.samples.keys.sorted())
    func classifies(_ name: String) throws {
        let bytes = try #require(Fixtures.samples[name])
        try check(name, bytes, "as it is")
        let json = try Rewritten.json(bytes)
        for pretty in [false, true] {
            for snake in [false, true] {
                let form: Comment =
                    pretty
                    ? (snake ? "pretty snake" : "pretty camel")
                    : (snake ? "snake" : "camel")
                let recased = Rewritten.recased(json, snake: snake)
                // Foundation escapes slashes, as some clients' writers do.
                try check(name, try Rewritten.bytes(recased, pretty: pretty), form)
            }
        }
        let spaced = bytes.flatMap { byte -> [UInt8] in
            byte == UInt8(ascii: "\n") ? Array(" \r\n\t".utf8) : [byte]
        }
        try check(name, Array("\n ".utf8) + spaced + Array("\r\n\t ".utf8), "odd spacing")
    }
}
