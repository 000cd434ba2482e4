public import Basics
import Wire

// What a Live client sends, in terms of the API.
extension LiveClient {
    public static let model = "models/gemini-3.1-flash-live-preview"

    /// Who determines where the user's turns begin and end.
    public enum Detection: Sendable { case manual, automatic }

    public static func setup(
        _ detection: Detection, model: String = LiveClient.model
    ) -> String {
        let isManual = detection == .manual
        return """
            {"setup":{"model":"\(model)","generationConfig":{"responseModalities":["AUDIO"]},\
            "realtimeInputConfig":{"automaticActivityDetection":{"disabled":\(isManual)}},\
            "inputAudioTranscription":{},"outputAudioTranscription":{}}}
            """
    }

    /// Sends the setup and waits for its answer.
    @discardableResult
    public func setUp(_ detection: Detection, model: String = LiveClient.model) -> Bool {
        guard waitUntilOpen() else { return false }
        send(Self.setup(detection, model: model))
        return wait { $0.members.contains(.setupComplete) }
    }

    public func startActivity() { send(Compose.activityStart) }
    public func endActivity() { send(Compose.activityEnd) }
    public func endStream() { send(Compose.audioStreamEnd) }
    public func say(_ text: String) { send(Compose.text(text)) }

    /// PCM, 16 bit, 16 kHz.
    public func send(audio pcm: some Sequence<UInt8>) { send(Compose.audio(pcm: Array(pcm).span)) }

    /// Streams speech in frames of 100 ms, like a microphone: one per `pace`.
    public func speak(_ pcm: [UInt8], pace: Interval = .milliseconds(100)) {
        for start in stride(from: 0, to: pcm.count, by: Self.frame) {
            send(audio: pcm[start..<min(start + Self.frame, pcm.count)])
            Polling.sleep(pace)
        }
    }

    /// Bytes of 100 ms of PCM at 16 kHz.
    public static let frame = 3200

    /// The number of completed answers, from message number `start` on.
    public func turnsCompleted(from start: Int = 0) -> Int {
        count(from: start) { $0.content.contains(.turnComplete) }
    }

    /// What gemini has said since message number `start`: its words and the length of its audio.
    public func reply(from start: Int = 0) -> (text: String, audio: Interval) {
        var text = ""
        var audio = Interval.zero
        for message in messages.dropFirst(start) {
            guard let scan = message.scan else { continue }
            audio = audio + scan.audioDuration
            if scan.content.contains(.outputTranscription) {
                text += JSONText.unescape(message.bytes.span, scan.outputText, limit: 2000)
            }
        }
        return (text, audio)
    }
}
