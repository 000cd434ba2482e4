import Basics
import Sessions
import Wire

/// A caller with a conversation: it asks one question after another, redials with its newest handle
/// when it is cut off, and asks again what was not answered. A visitor asks once, with a token.
struct FleetClient {
    enum State { case away, dialing, settingUp, idle, asking, done }

    let number: Int
    let isVisitor: Bool
    let turns: Int
    var state = State.away
    var line: FleetLine?
    /// By which it redials; empty at first.
    var handle = ""
    /// The next end is of an answer that its question interrupted: to the same one, which was said
    /// again for it before it asked anew.
    var hasInterrupted = false
    /// Its question, from 1.
    var question = 1
    /// How often each was sent.
    var sent: [String: Int] = [:]
    var dials = 0
    /// Of its token.
    var refusals = 0

    init(_ number: Int, isVisitor: Bool, turns: Int) {
        self.number = number
        self.isVisitor = isVisitor
        self.turns = turns
    }

    static let model = "gemini-2.5-flash-native-audio-preview-12-2025"

    var setup: [UInt8] {
        let resumption =
            isVisitor
            ? ""
            : #","sessionResumption":{\#(handle.isEmpty ? "" : #""handle":"\#(handle)""#)}"#
        return Array(
            #"""
            {"setup":{"model":"models/\#(Self.model)",\#
            "generationConfig":{"responseModalities":["AUDIO"]},\#
            "inputAudioTranscription":{},"outputAudioTranscription":{}\#(resumption)}}
            """#.utf8)
    }

    /// Names the question; no name contains another.
    var name: String { "q\(number)-\(question)." }

    var words: [UInt8] { Array(#"{"realtimeInput":{"text":"\#(name)"}}"#.utf8) }

    /// The questions of this text.
    static func questions(in text: String) -> Set<String> {
        var found: Set<String> = []
        var rest = text[...]
        while let start = rest.firstIndex(of: "q") {
            rest = rest[rest.index(after: start)...]
            guard let end = rest.firstIndex(of: ".") else { break }
            let parts = rest[..<end].split(separator: "-")
            if parts.count == 2, Int(parts[0]) != nil, Int(parts[1]) != nil {
                found.insert("q\(rest[..<end]).")
            }
        }
        return found
    }

    /// The handle of a message of gemini's; nil if it has none.
    static func handle(in message: ServerMessage, _ bytes: [UInt8]) -> String? {
        guard !message.handle.isEmpty else { return nil }
        return JSONText.unescape(bytes.span, message.handle, limit: 512)
    }
}
