import Basics
import Fixtures
import Manual
import SimulatedGemini
import Speech
import Transport
import WebSocket
import Wire

extension Commands {
    /// Asks one spoken question through a running server; needs only this program.
    static func talk(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        let server = try ServeOptions.address(arguments, "to", "127.0.0.1:8080")
        let questions = ["capital": 1, "weather": 2, "story": 3]
        let number = try arguments.word("question").flatMap { questions[$0] } ?? 1
        guard let voice = Voice.recorded, voice.user.indices.contains(number) else { return 1 }
        let out = arguments["out"] ?? "answer.wav"
        // Before a question is asked, and paid for, whose answer cannot be kept.
        guard Output.canWrite(out) else {
            Output.error("turnkeeper: \(out) cannot be written; use another: --out FILE")
            return 1
        }
        do {
            let call = try Call(to: server, model: arguments["model"] ?? Call.model)
            let answer = try call.ask(voice.user[number])
            Output.result("you said:   \(voice.user[number].text)")
            Output.result("it heard:   \(answer.heard)")
            Output.result("it said:    \(answer.said)")
            guard Output.file(out, WaveFile.bytes(pcm: answer.pcm, rate: answer.rate)) else {
                Output.error("turnkeeper: \(out) cannot be written; use another: --out FILE")
                return 1
            }
            let tenths = answer.pcm.count * 10 / (2 * max(answer.rate, 1))
            Output.result("its voice:  \(tenths / 10).\(tenths % 10) s in \(out)")
            return 0
        } catch {
            Output.error("turnkeeper: \(error)")
            return 1
        }
    }
}

/// One turn of one session, from the client's side.
private struct Call {
    static let model = "gemini-3.1-flash-live-preview"

    struct Answer {
        var heard = ""
        var said = ""
        var pcm: [UInt8] = []
        var rate = 24_000
    }
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// A slow model takes seconds to its first sound, and a lost connection is recovered within a
    /// minute.
    private static let patience = Interval.seconds(90)

    private let client: LiveClient
    private let model: String
    private let server: SocketAddress

    init(to server: SocketAddress, model: String) throws {
        self.server = server
        self.model = model.hasPrefix("models/") ? model : "models/" + model
        let key = HeaderField("x-goog-api-key", Environment.clientKey ?? "any")
        client = try LiveClient(
            on: try LoopThread("talk"), to: server, target: LiveClient.path,
            headers: [key].compactMap { $0 })
    }

    func ask(_ question: Voice.Phrase) throws -> Answer {
        guard client.setUp(.manual, model: model) else { throw failure("no session") }
        let start = client.messageCount
        client.startActivity()
        client.speak(question.pcm)
        client.endActivity()
        client.wait(Self.patience, from: start) { $0.content.contains(.turnComplete) }
        defer {
            // Without a close frame the server may wait for the client to return.
            client.close()
            _ = client.waitForEnding(.seconds(2))
        }
        var answer = Answer()
        for message in client.messages.dropFirst(start) {
            guard let scan = message.scan else { continue }
            let bytes = message.bytes.span
            answer.heard += JSONText.unescape(bytes, scan.inputText)
            answer.said += JSONText.unescape(bytes, scan.outputText)
            if scan.content.contains(.audio) {
                answer.pcm += Base64.decode(bytes.extracting(scan.audio.range)) ?? []
                answer.rate = Int(scan.audioRate)
            }
        }
        guard !answer.pcm.isEmpty else { throw failure("there was no answer") }
        answer.heard = trimmed(answer.heard)
        answer.said = trimmed(answer.said)
        return answer
    }

    private func failure(_ what: String) -> Failure {
        let why =
            switch client.ending {
            case .closed(let code, let reason): "it closed \(code) \(reason)"
            case .refused(let status, let body): "it answered \(status) \(body)"
            case .failed(let why):
                "\(why.split(separator: ": ").last ?? ""); is a server running there? turnkeeper try"
            case nil: "it did not answer"
            }
        return Failure(description: "--to \(server): \(what): \(why)")
    }

    private func trimmed(_ text: String) -> String {
        var rest = text[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}

/// A RIFF file with one channel, 16 bits.
enum WaveFile {
    static func bytes(pcm: [UInt8], rate: Int) -> [UInt8] {
        func word(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        return Array("RIFF".utf8) + word(36 + pcm.count, 4) + Array("WAVEfmt ".utf8) + word(16, 4)
            + word(1, 2) + word(1, 2) + word(rate, 4) + word(rate * 2, 4) + word(2, 2) + word(16, 2)
            + Array("data".utf8) + word(pcm.count, 4) + pcm
    }
}
