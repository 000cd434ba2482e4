import Basics
import Wire

/// One action of the client, and when: relative to the event it waited for, in order.
struct Deed {
    enum What {
        case message([UInt8], String)
        case hangUp(Close)
        /// If that line should have been answered.
        case losePatience(Int)
    }
    var at: Interval
    var what: What
}

/// What the client really said, as the service must have received it.
struct Expectation {
    struct Run: Equatable, CustomStringConvertible {
        var value: Int16
        var samples: Int

        var description: String { "\(value)x\(samples)" }
    }

    /// Audio inside activities (manual) or utterances (automatic), in order.
    var spoken: [Run] = []
    /// Number of the newest instruction when each turn was said.
    var instructions: [Int16: Int] = [:]
    /// Every typed word, in order.
    var typed = ""
    /// The conversation ends properly: all of it must have been received, and answered.
    var isComplete = true
    /// The client broke the protocol; the session ends with this code.
    var ends: UInt16?

    mutating func hear(_ value: Int16, _ samples: Int) {
        if let last = spoken.last, last.value == value {
            spoken[spoken.count - 1].samples += samples
        } else {
            spoken.append(Run(value: value, samples: samples))
        }
    }
}

/// Writes client messages in the spelling of the run.
struct ClientWriter {
    let isSnakeCase: Bool
    /// Audio of simulated clients: few samples per second, so that a run is cheap.
    static let rate = 1000

    private func key(_ camel: String, _ snake: String) -> String { isSnakeCase ? snake : camel }

    func input(_ parts: [String]) -> [UInt8] {
        Array(
            #"{"\#(key("realtimeInput", "realtime_input"))":{\#(parts.joined(separator: ","))}}"#
                .utf8)
    }

    func audio(_ value: Int16, _ samples: Int) -> String {
        let bits = UInt16(bitPattern: value)
        var pcm: [UInt8] = []
        for _ in 0..<samples {
            pcm.append(UInt8(truncatingIfNeeded: bits))
            pcm.append(UInt8(truncatingIfNeeded: bits >> 8))
        }
        let data = String(decoding: Base64.encode(pcm.span), as: UTF8.self)
        return
            #""audio":{"\#(key("mimeType", "mime_type"))":"audio/pcm;rate=\#(Self.rate)","data":"\#(data)"}"#
    }

    var start: String { #""activityStart":{}"# }
    var end: String { #""\#(key("activityEnd", "activity_end"))":{}"# }
    var streamEnd: String { #""audioStreamEnd":true"# }
    var video: String { #""video":{"mimeType":"image/jpeg","data":"_9j_"}"# }
    func text(_ words: String) -> String { #""text":"\#(words)""# }

    /// Earlier words; nothing is asked.
    func history(_ words: String) -> [UInt8] {
        Array(
            #"{"clientContent":{"turns":[{"role":"user","parts":[{"text":"\#(words)"}]},{"role":"model","parts":[{"text":"Noted."}]}],"turnComplete":false}}"#
                .utf8)
    }

    func context(_ instruction: String) -> [UInt8] {
        Array(
            #"{"contextUpdate":{"systemInstruction":{"parts":[{"text":"\#(instruction)"}]}}}"#.utf8)
    }

    /// A picture of this many bytes.
    func screen(_ bytes: Int) -> String {
        let data = String(repeating: "/9j/", count: bytes / 3)
        return #""video":{"mimeType":"image/jpeg","data":"\#(data)"}"#
    }

    func content(_ words: String) -> [UInt8] {
        Array(
            #"{"clientContent":{"turns":[{"role":"user","parts":[{"text":"\#(words)"}]}],"turnComplete":true}}"#
                .utf8)
    }

    /// What came of a call: different for each.
    static func outcome(of id: String) -> String { "<\(id)>" }

    func toolResponse(id: String, name: String) -> [UInt8] {
        Array(
            #"{"toolResponse":{"functionResponses":[{"id":"\#(id)","name":"\#(name)","response":{"ok":"\#(Self.outcome(of: id))"}}]}}"#
                .utf8)
    }
}
