import Basics
import Wire

@testable import Sessions

/// A client's message with its bytes, as it arrives.
struct FromClient {
    let bytes: [UInt8]
    let outbound: OutboundMessage

    /// - Parameter voiced: Milliseconds of voice that were found in its sound; nil: nobody listened.
    init(_ bytes: [UInt8], voiced: UInt16? = nil, isKept: Bool = false) throws {
        self.bytes = bytes
        var message = try ClientMessage.scan(bytes.span)
        if let voiced { message.voicing = Voicing(.voice, voiced: voiced) }
        outbound = OutboundMessage(message: message, kept: isKept ? bytes : nil, opcode: .text)
    }

    init(_ json: String, voiced: UInt16? = nil, isKept: Bool = false) throws {
        try self.init(Array(json.utf8), voiced: voiced, isKept: isKept)
    }

    /// 20 ms of sound, told apart by its samples.
    static func sound(_ sample: UInt8, voiced: UInt16? = nil, isKept: Bool = false) throws -> Self {
        let pcm = [UInt8](repeating: sample, count: 640)
        return try FromClient(Compose.audio(pcm: pcm.span), voiced: voiced, isKept: isKept)
    }

    static func start() throws -> Self { try FromClient(Compose.activityStart) }
    static func end() throws -> Self { try FromClient(Compose.activityEnd) }
}

/// Gemini's message with its bytes, as it arrives.
struct FromGemini {
    let bytes: [UInt8]
    let message: ServerMessage

    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        message = try ServerMessage.scan(bytes.span)
    }

    init(_ json: String) throws { try self.init(Array(json.utf8)) }

    /// A tenth of a second of sound, told apart by its samples.
    static func sound(_ sample: UInt8) throws -> Self {
        let data = Base64.encode([UInt8](repeating: sample, count: 4800).span)
        let text = String(decoding: data, as: UTF8.self)
        return try FromGemini(
            #"{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"#
                + #""audio/pcm;rate=24000","data":"\#(text)"}}]}}}"#)
    }
}

extension Actions {
    /// What was sent to this peer, as text; the current message is `current`.
    func sent(to peer: Peer, current: [UInt8] = []) -> [String] {
        list.compactMap { action in
            switch action {
            case .forward: String(decoding: current, as: UTF8.self)
            case .send(peer, let bytes, _): String(decoding: bytes, as: UTF8.self)
            default: nil
            }
        }
    }

    var facts: [Fact] {
        list.compactMap { action in if case .note(let fact) = action { fact } else { nil } }
    }
}

extension Instant {
    /// This many milliseconds after the first moment of a test.
    static func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: 0) + .milliseconds(milliseconds)
    }
}

extension [UInt8] {
    var text: String { String(decoding: self, as: UTF8.self) }
}
