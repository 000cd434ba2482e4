import Basics
import Foundation
import Policies
import Sessions
import Wire

/// The short words of a story, as events.
enum StoryInput {
    /// `nil` where nothing happens.
    ///
    /// - Parameters:
    ///   - dialed: the gemini connection dialed last: what opens, or does not.
    ///   - used: the one in use: what speaks and closes.
    static func read(
        _ text: Substring, dialed: ConnectionID, used: ConnectionID
    ) throws -> (Event, [UInt8])? {
        let words = text.split(separator: " ", maxSplits: 2).map(String.init)
        switch (words[0], words.count > 1 ? words[1] : "") {
        case ("nothing", _): return nil
        case ("client", let what): return try client(what, words.count > 2 ? words[2] : "")
        case ("gemini", let what):
            return try gemini(what, words.count > 2 ? words[2] : "", dialed: dialed, used: used)
        case ("recalled", let what):
            return (.recalled(recalled(what, words.count > 2 ? words[2] : "")), [])
        case ("superseded", _): return (.superseded, [])
        case ("moved", _): return (.movedAway, [])
        case ("memory", "short"): return (.memoryShort, [])
        case ("policy", _):
            var policy = Policy()
            for word in words.dropFirst().joined(separator: " ").split(separator: " ") {
                try Story.set(word, in: &policy)
            }
            return (.policyChanged(Boxed(policy)), [])
        case ("chosen", let model): return (.chosen(model: model), [])
        case ("learned", let soft):
            let hard = words.count > 2 ? words[2] : ""
            return (
                .learned(
                    LearnedClocks(
                        soft: try Story.interval(soft[...]), hard: try Story.interval(hard[...]))),
                []
            )
        case ("used-up", let key):
            guard let limit = Limit(rawValue: key) else { throw StoryError("no limit \(key)") }
            return (.limitReached(limit), [])
        case ("drain", let by):
            return (.drained(by: Instant(nanoseconds: 0) + (try Story.interval(by[...]))), [])
        default: throw StoryError("not understood: \(text)")
        }
    }

    private static func client(_ what: String, _ rest: String) throws -> (Event, [UInt8]) {
        switch what {
        case "opens": return (.opened, [])
        case "closes": return (.clientClosed(close(rest)), [])
        case "pongs": return (.clientPonged(.milliseconds(3)), [])
        case "vanishes": return (.clientClosed(.abnormal), [])
        case "returns": return (.clientReturned(.text), Array(setup(rest).utf8))
        case "falls": return (.clientBehind(true), [])
        case "catches": return (.clientBehind(false), [])
        case "unread": return (.clientUnread, [])
        case "stuck": return (.clientStuck(buffered: 4_194_305), [])
        case "breaks": return (.clientViolated(close(rest)), [])
        default: break
        }
        let json: String
        switch what {
        case "setup": json = setup(rest)
        case "start": json = #"{"realtimeInput":{"activityStart":{}}}"#
        case "end": json = #"{"realtimeInput":{"activityEnd":{}}}"#
        case "stream-end": json = #"{"realtimeInput":{"audioStreamEnd":true}}"#
        case "audio", "voice", "noise":
            let size = Int(try Story.interval(rest[...]).milliseconds) * 32
            let data = Data(repeating: 7, count: size).base64EncodedString()
            json =
                #"{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"\#(data)"}}}"#
        case "text": json = #"{"realtimeInput":{"text":"\#(rest)"}}"#
        case "says":
            json =
                #"{"clientContent":{"turns":[{"role":"user","parts":[{"text":"\#(rest)"}]}],"turnComplete":true}}"#
        case "answers":
            json =
                #"{"toolResponse":{"functionResponses":[{"id":"\#(rest)","name":"f","response":{"ok":true}}]}}"#
        case "sends": json = rest
        default: throw StoryError("not understood: client \(what)")
        }
        let bytes = Array(json.utf8)
        do {
            var message = try ClientMessage.scan(bytes.span)
            if what == "voice" || what == "noise" {
                let length = UInt16(clamping: message.audioDuration.milliseconds)
                message.voicing = Voicing(
                    .voice, voiced: what == "voice" ? length : 0,
                    level: what == "voice" ? 4000 : 400)
            }
            return (.clientSent(message, .text), bytes)
        } catch {
            return (.clientSentMalformed(error, .text), bytes)
        }
    }

    private static func gemini(
        _ what: String, _ rest: String, dialed: ConnectionID, used: ConnectionID
    ) throws -> (Event, [UInt8]) {
        switch what {
        case "opens": return (.dialed(dialed, isWarm: rest == "warm"), [])
        case "refuses":
            let status = Int(rest) ?? 0
            return (
                .dialFailed(
                    dialed,
                    .refused(
                        status: status, contentType: "text/plain", body: Array("no".utf8),
                        retryAfter: "")), []
            )
        case "unreachable": return (.dialFailed(dialed, .unreachable(rest)), [])
        case "closes": return (.geminiClosed(used, close(rest)), [])
        case "pongs": return (.geminiPonged(used, .milliseconds(20)), [])
        case "breaks": return (.geminiViolated(used, close(rest)), [])
        default: break
        }
        let json: String
        switch what {
        case "setup-complete": json = #"{"setupComplete":{}}"#
        case "audio", "silence":
            let size = Int(try Story.interval(rest[...]).milliseconds) * 48
            let sample: UInt8 = what == "audio" ? 9 : 0
            let data = Data(repeating: sample, count: size).base64EncodedString()
            json =
                #"{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"\#(data)"}}]}}}"#
        case "says": json = #"{"serverContent":{"outputTranscription":{"text":"\#(rest)"}}}"#
        case "hears": json = #"{"serverContent":{"inputTranscription":{"text":"\#(rest)"}}}"#
        case "generation-complete": json = #"{"serverContent":{"generationComplete":true}}"#
        case "go-away": json = #"{"goAway":{"timeLeft":"\#(rest)"}}"#
        case "turn-complete": json = #"{"serverContent":{"turnComplete":true}}"#
        case "interrupted": json = #"{"serverContent":{"interrupted":true}}"#
        case "handle":
            json = #"{"sessionResumptionUpdate":{"newHandle":"\#(rest)","resumable":true}}"#
        case "calls":
            // `calls NAME` or `calls NAME as ID`.
            let words = rest.components(separatedBy: " as ")
            let id = words.count > 1 ? words[1] : "c-1"
            json =
                #"{"toolCall":{"functionCalls":[{"id":"\#(id)","name":"\#(words[0])","args":{}}]}}"#
        case "sends": json = rest
        default: throw StoryError("not understood: gemini \(what)")
        }
        let bytes = Array(json.utf8)
        do {
            return (.geminiSent(try ServerMessage.scan(bytes.span), .binary, used), bytes)
        } catch {
            return (.geminiSentMalformed(error, .binary, used), bytes)
        }
    }

    /// `remembered HANDLE AGE-IN-SECONDS`, of a conversation of two turns; with `lately` behind it, of
    /// one more turn that the handle does not know; with `asking` or `asking-unmarked`, of one whose
    /// last question has no answer; with `missed`, of one whose last answer the client has not seen.
    private static func recalled(_ what: String, _ rest: String) -> Recalled {
        switch what {
        case "attached": return .attached
        case "foreign": return .foreign
        case "unavailable": return .unavailable
        case "remembered":
            let words = rest.split(separator: " ").map(String.init)
            var memory = Memory(
                model: "models/gemini-3.1-flash-live-preview", tools: 0xcbf2_9ce4_8422_2325,
                handle: words.first ?? "",
                transcript: Array(
                    ("uMy name is Ada.\nmHello, Ada.\n"
                        + (words.last == "lately" ? "+uI live in Rome.\n+mNoted.\n" : "")).utf8))
            if words.contains("wordless") { memory.transcript = [] }
            if words.contains("long-put-off") { memory.putOff = .seconds(600) }
            memory.age = .seconds(words.count > 1 ? Int64(words[1]) ?? 0 : 0)
            let question = [
                Compose.activityStart, Compose.silence(.milliseconds(700)), Compose.activityEnd,
            ]
            if words.contains("asking") { memory.owed.unanswered = question }
            if words.contains("asking-unmarked") { memory.owed.unanswered = [question[1]] }
            if words.contains("missed") { memory.owed.missed = [Compose.serverTurnComplete] }
            return .remembered(memory)
        default: return .unknown
        }
    }

    private static func close(_ text: String) -> Close {
        let words = text.split(separator: " ", maxSplits: 1)
        return Close(UInt16(words.first ?? "") ?? 1005, words.count > 1 ? String(words[1]) : "")
    }

    private static func setup(_ text: String) -> String {
        let words = text.split(separator: " ").map(String.init)
        let model = words.count > 1 ? words[1] : "gemini-3.1-flash-live-preview"
        let vad =
            words.first == "manual"
            ? #","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}"# : ""
        let rest = words.count > 2 ? "," + words[2...].joined(separator: " ") : ""
        return #"{"setup":{"model":"models/\#(model)"\#(vad)\#(rest)}}"#
    }

    /// What a message to gemini is, in short.
    static func name(clientMessage bytes: [UInt8]) -> String {
        guard let message = try? ClientMessage.scan(bytes.span) else { return "???" }
        if message.input == .activityStart { return "activityStart" }
        if message.input == .activityEnd { return "activityEnd" }
        if message.input == .audioStreamEnd { return "audioStreamEnd" }
        if message.input == .audio { return "audio \(message.audioDuration.milliseconds)ms" }
        return String(decoding: bytes, as: UTF8.self)
    }
}
