import Basics
import CLinux
import WebSocket
import Wire

/// `dev read-cost KIND KIBIBYTES`: every reader and every editor of messages and bodies, and a whole
/// session, over one hostile input of that size, once, for callgrind to count; `dev bench-reading` does so for every
/// kind in growing sizes. Without a kind it names them.
enum ReadCost {
    /// What an input is read by.
    enum Part: String, CaseIterable {
        case readers, editors, scrubber, bodies, session

        func run(_ bytes: [UInt8]) -> Int {
            switch self {
            case .readers: ReadCost.read(bytes.span)
            case .editors: ReadCost.edit(bytes.span)
            case .scrubber: ReadCost.scrub(bytes)
            case .bodies: ReadCost.measure(bytes)
            case .session: ReadCost.converse(bytes)
            }
        }
    }

    static func run(_ arguments: [String]) -> Int32 {
        guard 2...3 ~= arguments.count, let kind = Hostile(rawValue: arguments[0]),
            let size = Int(arguments[1]), size > 0, size <= 65_536
        else {
            print(Hostile.allCases.map(\.rawValue).joined(separator: " "))
            return arguments.isEmpty ? 0 : 2
        }
        let bytes = kind.message(of: size * 1024)
        let parts = Part.allCases.filter { arguments.count == 2 || $0.rawValue == arguments[2] }
        let sum = parts.reduce(0) { $0 &+ $1.run(bytes) }
        print("\(bytes.count) bytes, checksum \(sum)")
        return 0
    }

    /// Seconds of this thread's own work that every reader and editor takes of such an input.
    static func seconds(_ kind: Hostile, bytes size: Int) -> Double {
        let bytes = kind.message(of: size)
        let start = tk_thread_cpu()
        let sum = Part.allCases.reduce(0) { $0 &+ $1.run(bytes) }
        let took = Double(tk_thread_cpu() - start) / 1e9
        return sum == .min ? .infinity : took
    }

    private static func read(_ bytes: Span<UInt8>) -> Int {
        var sum = 0
        let client = (try? ClientMessage.scan(bytes)) ?? ClientMessage()
        let server = (try? ServerMessage.scan(bytes)) ?? ServerMessage()
        sum &+= Int(client.audioBytes) &+ Int(server.audioBytes)
        var calls = ToolReader(calls: server.tool, in: bytes)
        while let call = calls.nextCall(in: bytes) { sum &+= call.args.count }
        var answers = ToolReader(answers: client.value, in: bytes)
        while let answer = answers.nextAnswer(in: bytes) { sum &+= answer.response.count }
        var cancelled = ToolReader(cancelled: server.cancellation, in: bytes)
        while let id = cancelled.nextCancelled(in: bytes) { sum &+= id.count }
        var turns = ContentReader(client.value, in: bytes)
        while let turn = turns.nextTurn(in: bytes) {
            sum &+= ContentReader.text(of: turn, in: bytes, limit: .max).utf8.count
        }
        var inputs = InputReader(client.value)
        while let input = inputs.next(in: bytes) { sum &+= input.count }
        sum &+= Int(truncatingIfNeeded: Usage.read(bytes, server.usage).total)
        sum &+= Int(VoiceActivity.read(bytes)?.kind.rawValue ?? 0)
        for text in [client.text, client.audio, server.inputText, server.handle] {
            sum &+= JSONText.unescape(bytes, text, limit: .max).utf8.count
            sum &+= Base64.decode(bytes.extracting(text.range))?.count ?? 0
        }
        let place = ByteRange(0, bytes.count)
        sum &+= (try? JSONPlaces.members(bytes, place))?.count ?? 0
        if let setup = try? Setup.read(bytes) { sum &+= setup.functions.count }
        if let request = try? TokenRequest.read(bytes) { sum &+= request.lock.mask.count }
        return sum
    }

    private static func edit(_ bytes: Span<UInt8>) -> Int {
        let everything: ServerMessage.Content = [
            .audio, .text, .turnComplete, .interrupted, .inputTranscription,
        ]
        let places = Array(repeating: [ElementEdit.ids(["a", "b"]), .drop], count: 1 << 16)
        let elements = Array(places.joined())
        let lock = SetupLock(
            setup: Array(#"{"model":"m","generationConfig":{"topK":1}}"#.utf8),
            mask: ["model", "tools", "generationConfig.topK", "generationConfig.x.y"])
        let edits: [SetupEdit] = [
            .remove("generationConfig.x"), .remove("tools"), .setHandle("h"), .setModel("m"),
            .insertSessionResumption, .setInitialHistory(true), .set("a.b", [0x31]),
        ]
        var sum = 0
        sum &+= (try? Setup.edit(bytes, edits))?.bytes.count ?? 0
        sum &+= (try? lock.apply(to: bytes))?.count ?? 0
        sum &+= (try? SetupLock(setup: lock.setup).apply(to: bytes))?.count ?? 0
        sum &+= ClientMessage.edit(bytes, [.answers(elements)])?.count ?? 0
        sum &+= ClientMessage.edit(bytes, [.removeInput([.text, .activityEnd])])?.count ?? 0
        sum &+= ClientMessage.split(bytes, endsFirst: true).count
        sum &+= ClientMessage.realtimeText(bytes)?.bytes.count ?? 0
        sum &+= ServerMessage.split(bytes, everything).rest?.count ?? 0
        sum &+=
            ServerMessage.edit(
                bytes,
                [
                    .removeContent(everything), .remove([.usageMetadata, .goAway]), .handle("h"),
                    .lastConsumed(1), .calls(elements), .cancelled(elements),
                ])?.count ?? 0
        return sum
    }
}

extension ReadCost {
    /// The body of a request or an answer of REST, as it is passed on, and as it is read.
    private static func measure(_ bytes: [UInt8]) -> Int {
        var sum = 0
        for framing in [BodyFraming.chunked, .length(bytes.count)] {
            var meter = BodyMeter(framing)
            sum &+= (try? meter.add(bytes.span))?.count ?? 0
            var reader = BodyReader(framing)
            try? reader.feed(bytes.span)
            sum &+= reader.bytes.count
        }
        return UTF8Validator.isValid(bytes.span) ? sum : -sum
    }

    /// A search for credentials, and for whatever peers may quote of them.
    private static func scrub(_ bytes: [UInt8]) -> Int {
        let scrubber = Scrubber([Hostile.key], kept: ["client-key-of-acme-7"])
        return scrubber.places(in: bytes).count
            &+ scrubber.places(in: bytes, isQuotation: true).count
    }
}

/// Messages made to keep a reader busy: one thing over and over, in a frame.
enum Hostile: String, CaseIterable {
    case twins, spellings, strangers, escapes, lists, depth, blanks, text, backslashes, numbers
    case base64, answers, calls, ids, parts, inputs, turns, details, functions, mask, cut
    case roles, roleless, pieces, instruction, words, content
    case percents, entities, quotations, beginnings, layers
    case token, chunks, extensions

    /// A credential that some of them quote.
    static let key = "AIzaSy-the/company+key=7f"
    private static let beginning = String(key.dropLast())
    private static let quotation = key.replacing("-", with: "%5Cu002d") + " "

    func message(of size: Int) -> [UInt8] {
        let (head, tail) = frame
        var bytes = Array(head.utf8)
        bytes.reserveCapacity(size + 64)
        var number = 0
        while bytes.count < size - tail.utf8.count {
            if number > 0 { bytes += separator.utf8 }
            bytes += piece(number).utf8
            number += 1
        }
        if self != .cut { bytes += tail.utf8 }
        return bytes
    }

    private var separator: String {
        switch self {
        case .blanks, .text, .backslashes, .numbers, .base64, .percents, .entities, .quotations,
            .beginnings, .layers, .chunks, .extensions, .instruction, .words, .content:
            ""
        default: ","
        }
    }

    private var frame: (String, String) {
        switch self {
        case .twins, .spellings, .strangers, .escapes, .cut:
            (#"{"setup":{"generationConfig":{"#, "}}}")
        case .lists, .depth: (#"{"setup":{"tools":["#, "]}}")
        case .blanks: (#"{"setup":{"#, "}}")
        case .text: (#"{"realtimeInput":{"text":""#, #""}}"#)
        case .backslashes: (#"{"sessionResumptionUpdate":{"newHandle":""#, #""}}"#)
        case .numbers: (#"{"usageMetadata":{"totalTokenCount":1"#, "}}")
        case .base64: (#"{"realtimeInput":{"audio":{"mimeType":"audio/pcm","data":""#, #""}}}"#)
        case .answers: (#"{"toolResponse":{"functionResponses":["#, "]}}")
        case .calls: (#"{"toolCall":{"functionCalls":["#, "]}}")
        case .ids: (#"{"toolCallCancellation":{"ids":["#, "]}}")
        case .parts: (#"{"serverContent":{"modelTurn":{"parts":["#, "]}}}")
        case .inputs: (#"{"realtimeInput":{"#, "}}")
        case .turns: (#"{"clientContent":{"turns":["#, #"],"turnComplete":true}}"#)
        case .roles, .roleless: (#"{"clientContent":{"turns":["#, #"],"turnComplete":false}}"#)
        case .pieces: (#"{"toolCall":{"functionCalls":["#, "]}}")
        case .instruction:
            (#"{"contextUpdate":{"systemInstruction":{"parts":[{"text":""#, #""}]}}}"#)
        case .words: (#"{"serverContent":{"outputTranscription":{"text":""#, #""}}}"#)
        case .content: (#"{"serverContent":{"#, #""x":0}}"#)
        case .details: (#"{"usageMetadata":{"promptTokensDetails":["#, "]}}")
        case .functions: (#"{"setup":{"tools":[{"functionDeclarations":["#, "]}]}}")
        case .mask: (#"{"fieldMask":"model"#, #""}"#)
        case .percents, .entities, .quotations, .beginnings, .layers:
            (#"{"error":{"message":""#, #""}}"#)
        case .token:
            (#"{"uses":1,"bidiGenerateContentSetup":{"setup":{"generationConfig":{"#, "}}}}")
        case .chunks, .extensions: ("", "0\r\n\r\n")
        }
    }

    private func piece(_ number: Int) -> String {
        switch self {
        case .twins: #""topK":1"#
        case .spellings: number % 2 == 0 ? #""top_k":{}"# : #""t\u006fpK":[]"#
        case .strangers, .cut, .token: #""x\#(number)":0"#
        case .escapes: #""\u0078\u00e9\u005f\#(number)":"\ud83d\ude00""#
        case .lists: "{},[]"
        case .depth: String(repeating: "[", count: 90) + String(repeating: "]", count: 90)
        case .blanks: "  \n\t\r  "
        case .text: " a\u{E4}b\\n"
        case .backslashes: #"\\\"\u0041"#
        case .numbers: "0"
        case .base64: #"AAAA\/AAA"#
        case .answers: #"{"id":"\#(number)","name":"f","x":{}}"#
        case .calls: #"{"name":"f","args":{"a":[1]}}"#
        case .ids: #""\#(number)""#
        case .parts: number % 2 == 0 ? #"{"text":"a","x":1}"# : #"{"inlineData":{"data":"AAAA"}}"#
        case .inputs: number % 2 == 0 ? #""text":"a""# : #""activityEnd":{}"#
        case .turns: #"{"role":"user","parts":[{"text":"a"},{"x":1}]}"#
        case .roles: #"{"role":"user"}"#
        case .roleless: #"{"parts":[{"text":"a"}]}"#
        case .pieces: #"{"id":"\#(number)","name":"f","args":{"a":1},"willContinue":true}"#
        case .instruction, .words: "abc def. "
        case .content: #""turnComplete":true,"#
        case .details: #"{"modality":"AUDIO","tokenCount":1}"#
        case .functions: #"{"name":"f\#(number)","parameters":{"a":{},"a_\#(number)":1}}"#
        case .percents: "%25"
        case .entities: "&#38;"
        case .quotations: Self.quotation
        case .beginnings: Self.beginning
        case .layers: #"%255Cu0041\\A"#
        case .chunks: "1\r\na\r\n"
        case .extensions: "1;a=b\r\na\r\n"
        case .mask: number == 0 ? "" : "generationConfig.a\(number)"
        }
    }
}
