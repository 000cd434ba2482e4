/// The messages of a Gemini Live conversation as sent by the benchmark: audio of constant length,
/// with the time of sending written as hexadecimal digits into the audio's base64, where digits are
/// legal. A proxy sees ordinary messages.
struct BenchMessage {
    /// A whole frame, ready to be copied and stamped.
    let frame: [UInt8]
    /// Where the payload begins in the frame.
    let payload: Int
    /// Where the mark stands in the payload; the stamps follow it.
    let mark: Int
    let masked: Bool

    /// Stands in the audio before the stamps: 16 base64 letters.
    static let marker = Array("turnkeeper+bench".utf8)
    static let digits = 16
    /// 20 ms of 16 kHz 16-bit mono are 640 bytes, which are 856 letters.
    static let voice = BenchMessage(
        opcode: BenchFrame.text, masked: true,
        before: #"{"realtime_input": {"audio": {"data": ""#, letters: 856,
        after: #"", "mime_type": "audio/pcm;rate=16000"}}}"#)

    /// A piece of the model's speech, laid out as the service lays it out.
    static func speech(letters: Int) -> BenchMessage {
        let before = """
            {
              "serverContent": {
                "modelTurn": {
                  "parts": [
                    {
                      "inlineData": {
                        "mimeType": "audio/pcm;rate=24000",
                        "data": "
            """
        let after = "\"\n          }\n        }\n      ]\n    }\n  }\n}\n"
        return BenchMessage(
            opcode: BenchFrame.binary, masked: false, before: before, letters: letters,
            after: after)
    }

    /// The end of a turn, with what it cost.
    static let turnEnd = BenchFrame.encoded(
        BenchFrame.binary,
        Array(
            """
            {"serverContent":{"generationComplete":true,"turnComplete":true},"usageMetadata":\
            {"promptTokenCount":412,"responseTokenCount":96,"totalTokenCount":508,\
            "promptTokensDetails":[{"modality":"AUDIO","tokenCount":412}],\
            "responseTokensDetails":[{"modality":"AUDIO","tokenCount":96}]}}

            """.utf8), masked: false)

    static let setupComplete = BenchFrame.encoded(
        BenchFrame.binary, Array("{\n  \"setupComplete\": {}\n}\n".utf8), masked: false)

    /// The first message of a session: automatic voice detection, so that audio flows freely. The
    /// system instruction tells the benchmark's upstream how to answer.
    static func setup(_ answers: Answers) -> [UInt8] {
        let text = """
            {"setup":{"model":"models/gemini-3.8-live","generationConfig":{"responseModalities":\
            ["AUDIO"],"speechConfig":{"voiceConfig":{"prebuiltVoiceConfig":{"voiceName":"Kore"}}}},\
            "systemInstruction":{"parts":[{"text":"bench every=\(answers.every) \
            frames=\(answers.frames) letters=\(answers.letters) end=\(answers.end) ."}]},\
            "inputAudioTranscription":{},"outputAudioTranscription":{}}}
            """
        return BenchFrame.encoded(BenchFrame.text, Array(text.utf8), masked: true)
    }

    /// How the upstream answers: after every so many messages, so many frames of so many letters.
    struct Answers: Equatable {
        var every = 25
        var frames = 12
        var letters = 4096
        /// 1: a message that ends the turn follows.
        var end = 1

        /// 25 messages are half a second of speech; 12 frames of 4 KiB three quarters of an answer.
        static let voice = Answers()
        /// One answer of the same size to each message: for the closed loops.
        static let echo = Answers(every: 1, frames: 1, letters: 856, end: 0)
        static let none = Answers(every: 0, frames: 0, letters: 32, end: 0)

        /// Reads the instruction back from a setup, whatever else a proxy put into it.
        init?(setup: [UInt8]) {
            let text = String(decoding: setup, as: UTF8.self)
            func number(_ key: String) -> Int? {
                let words = text.split { $0 == " " || $0 == "\"" }
                return words.first { $0.hasPrefix(key) }.flatMap { Int($0.dropFirst(key.count)) }
            }
            guard text.contains("\"setup\""), let every = number("every="),
                let frames = number("frames="), let letters = number("letters="),
                let end = number("end=")
            else { return nil }
            self.init(every: every, frames: frames, letters: letters, end: end)
        }

        init(every: Int = 25, frames: Int = 12, letters: Int = 4096, end: Int = 1) {
            self.every = every
            self.frames = frames
            self.letters = letters
            self.end = end
        }
    }

    init(opcode: UInt8, masked: Bool, before: String, letters: Int, after: String) {
        // Letters that repeat as real audio's do not: a fixed linear sequence, the same every time.
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var state: UInt64 = 20_261_121
        let audio = (0..<max(letters, 48)).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return alphabet[Int(state >> 58)]
        }
        let stamped = BenchMessage.marker + audio.dropFirst(BenchMessage.marker.count)
        let content = Array(before.utf8) + stamped + Array(after.utf8)
        frame = BenchFrame.encoded(opcode, content, masked: masked)
        payload = frame.count - content.count
        mark = before.utf8.count
        self.masked = masked
    }

    /// Appends the frame with one or two times in it.
    func append(to output: inout [UInt8], _ first: Int64, _ second: Int64 = 0) {
        let start = output.count + payload
        output.append(contentsOf: frame)
        let offset = mark + BenchMessage.marker.count
        stamp(&output, start, offset, first)
        if !masked { stamp(&output, start, offset + BenchMessage.digits, second) }
    }

    private func stamp(_ output: inout [UInt8], _ start: Int, _ offset: Int, _ time: Int64) {
        for place in 0..<BenchMessage.digits {
            let value = UInt8(truncatingIfNeeded: time >> (60 - 4 * place)) & 15
            let digit = value < 10 ? 48 + value : 87 + value
            let at = offset + place
            output[start + at] = masked ? digit ^ BenchFrame.key[at & 3] : digit
        }
    }

    /// Where the mark stands in a frame's payload, or nil where the frame is none of ours. The
    /// usual place is looked at first.
    func find(in bytes: [UInt8], _ frame: BenchFrame) -> Int? {
        let marker = BenchMessage.marker
        let last = frame.payload.count - marker.count - 2 * BenchMessage.digits
        guard last >= 0 else { return nil }
        func stands(_ at: Int) -> Bool {
            marker.indices.allSatisfy { frame.byte(bytes, at + $0) == marker[$0] }
        }
        if mark <= last, stands(mark) { return mark }
        return (0...min(last, 1024)).first(where: stands)
    }

    /// The time at an offset of a frame's payload, or nil where there is none.
    static func time(in bytes: [UInt8], _ frame: BenchFrame, at offset: Int) -> Int64? {
        var time: Int64 = 0
        for place in offset..<(offset + digits) {
            let letter = frame.byte(bytes, place)
            switch letter {
            case 48...57: time = time << 4 | Int64(letter - 48)
            case 97...102: time = time << 4 | Int64(letter - 87)
            default: return nil
            }
        }
        return time
    }
}

/// Counts of latencies in buckets of under 2 % width.
struct Latencies {
    private var buckets = [Int](repeating: 0, count: 64 * 40)
    private(set) var count = 0

    mutating func record(_ nanoseconds: Int64) {
        let value = UInt64(max(1, nanoseconds))
        let exponent = max(0, 63 - value.leadingZeroBitCount - 6)
        let index = exponent * 64 + Int(value >> UInt64(exponent))
        buckets[min(index, buckets.count - 1)] += 1
        count += 1
    }

    mutating func reset() { self = Latencies() }

    /// Microseconds that this part of the latencies does not exceed; 0 when there are none.
    func microseconds(_ part: Double) -> Double {
        guard count > 0 else { return 0 }
        let wanted = count - Int(Double(count) * (1 - part))
        var seen = 0
        for (index, number) in buckets.enumerated() {
            seen += number
            if seen >= wanted, number > 0 {
                let exponent = max(0, index / 64 - 1)
                return Double((index - exponent * 64) << exponent) / 1000
            }
        }
        return 0
    }
}
