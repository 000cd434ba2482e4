import Basics

/// A tool call by the model.
struct Call: Equatable {
    var id: String
    var name: String
    /// The user's utterance that it is about; empty if not stated.
    var about = ""
    /// If the call comes in pieces, which one this is.
    var piece = Piece.whole

    enum Piece { case whole, first, middle, last }

    /// More of the same call follows.
    var isUnfinished: Bool { piece == .first || piece == .middle }
}

/// One server message before it is written: all fields that are set are written, in the service's
/// order.
struct Draft {
    enum Receipt: Equatable {
        case none, empty, exact
        /// An additional one, not the turn's last.
        case extra
        /// Totals only, without modalities.
        case bare
        /// This many tokens of text, and no audio.
        case textOnly(Int)
    }
    enum Resumption: Equatable { case none, notResumable, fresh }
    enum Interaction: String { case inProgress = "IN_PROGRESS", idle = "IDLE" }

    var setupComplete = false
    /// PCM, 24 kHz.
    var audio: ArraySlice<UInt8> = []
    /// What that audio says; sent only if transcription is on.
    var spoken = ""
    var thought: String?
    /// A text part that is not a thought.
    var text: String?
    var inputText: String?
    var interimText: String?
    var generationComplete = false
    var turnComplete = false
    var interrupted = false
    var waitingForInput = false
    var interaction: Interaction?
    var turnCompleteReason: String?
    var calls: [Call] = []
    var cancelled: [String] = []
    var receipt = Receipt.none
    var resumption = Resumption.none
    /// Put into `sessionResumptionUpdate` when the message is sent.
    var handle = ""
    /// The client's messages it covers.
    var consumed: Int?
    /// A session resumed with that handle repeats its open calls.
    var remakesCalls = false
    var goAway: Interval?
    /// `ACTIVITY_START` or `_END`, and how much audio had arrived.
    var voiceActivity: (isStart: Bool, offset: Interval)?
    /// The older, Vertex form of the same.
    var isVADSignal = false
    /// Sent unchanged, instead of everything above.
    var verbatim: [UInt8]?

    /// Adds unknown fields that contain this word; empty: none.
    var rider = ""
    /// Left over from the sentence before: not part of the answer in which it arrives.
    var isOldTail = false
    /// Sent repeatedly.
    var repeats: Interval?

    /// Calls among the parts of the turn.
    var spokenCalls: [Call] = []

    /// Whether the model said something.
    var isOutput: Bool {
        !audio.isEmpty || text != nil || thought != nil || !spokenCalls.isEmpty
    }
}

/// How one connection's messages are formatted.
struct Spelling {
    var isPretty = false
    var isVertex = false
    var transcribesOutput = false
    var sessionID = ""
}

extension Draft {
    func json(_ spelling: Spelling, usage: Usage?) -> [UInt8] {
        if let verbatim { return verbatim }
        var writer = JSONWriter(pretty: spelling.isPretty)
        writer.object { json in
            if setupComplete {
                json.object("setupComplete") { complete in
                    if spelling.isVertex { complete.string("sessionId", spelling.sessionID) }
                }
            }
            writeContent(spelling, &json)
            writeTools(&json)
            writeSignals(&json)
            if let goAway {
                json.object("goAway") { $0.string("timeLeft", Draft.duration(goAway)) }
            }
            switch resumption {
            case .none: break
            case .notResumable: json.object("sessionResumptionUpdate") { _ in }
            case .fresh:
                json.object("sessionResumptionUpdate") {
                    $0.string("newHandle", handle)
                    $0.flag("resumable", true)
                    if let consumed {
                        $0.string("lastConsumedClientMessageIndex", String(consumed))
                    }
                }
            }
            switch receipt {
            case .none: break
            case .empty: json.object("usageMetadata") { _ in }
            case .exact, .extra, .textOnly:
                if let usage { Draft.write(usage, isVertex: spelling.isVertex, &json) }
            case .bare:
                if let usage {
                    Draft.write(usage, isVertex: spelling.isVertex, isBare: true, &json)
                }
            }
        }
        writer.finish()
        return writer.bytes
    }

    private func writeContent(_ spelling: Spelling, _ json: inout JSONWriter) {
        let transcript = spelling.transcribesOutput && !spoken.isEmpty
        guard
            isOutput || transcript || inputText != nil || interimText != nil || generationComplete
                || turnComplete || interrupted || waitingForInput || interaction != nil
                || (voiceActivity != nil && !isVADSignal)
        else { return }
        json.object("serverContent") { content in
            if isOutput {
                content.object("modelTurn") { turn in
                    turn.string("role", "model")
                    if !rider.isEmpty { turn.string("futureOfTurns", rider) }
                    turn.array("parts", writeParts)
                }
            }
            if interrupted { content.flag("interrupted", true) }
            if let inputText {
                content.object("inputTranscription") { $0.string("text", inputText) }
            }
            if let interimText {
                content.object("interimInputTranscription") { $0.string("text", interimText) }
            }
            if transcript { content.object("outputTranscription") { $0.string("text", spoken) } }
            if generationComplete { content.flag("generationComplete", true) }
            if turnComplete { content.flag("turnComplete", true) }
            if let turnCompleteReason { content.string("turnCompleteReason", turnCompleteReason) }
            if waitingForInput { content.flag("waitingForInput", true) }
            if let interaction { content.string("interactionStatus", interaction.rawValue) }
            if !rider.isEmpty {
                content.object("futureOfContent") { $0.string("word", rider) }
            }
        }
    }

    private func writeParts(_ parts: inout JSONWriter) {
        if let thought {
            parts.object {
                $0.string("text", thought)
                $0.flag("thought", true)
            }
        }
        if let text { parts.object { $0.string("text", text) } }
        for call in spokenCalls {
            parts.object { part in
                part.object("functionCall") {
                    $0.string("id", call.id)
                    $0.string("name", call.name)
                    $0.object("args") { _ in }
                }
            }
        }
        if !audio.isEmpty {
            parts.object { part in
                part.object("inlineData") {
                    $0.string("mimeType", "audio/pcm;rate=24000")
                    $0.base64("data", audio)
                }
            }
        }
    }

    private func writeTools(_ json: inout JSONWriter) {
        if !calls.isEmpty {
            json.object("toolCall") { tool in
                tool.array("functionCalls") { list in
                    for call in calls { list.object { write(call, &$0) } }
                }
            }
        }
        if !cancelled.isEmpty {
            json.object("toolCallCancellation") { cancellation in
                cancellation.array("ids") { list in
                    for id in cancelled { list.string(nil, id) }
                }
            }
        }
    }

    private func write(_ call: Call, _ json: inout JSONWriter) {
        json.string("id", call.id)
        json.string("name", call.name)
        switch call.piece {
        case .first:
            json.flag("willContinue", true)
        case .middle:
            json.array("partialArgs") { list in
                list.object {
                    $0.string("jsonPath", "$.about")
                    $0.string("stringValue", call.about)
                }
            }
            json.flag("willContinue", true)
        case .whole, .last:
            json.object("args") { args in
                if !call.about.isEmpty { args.string("about", call.about) }
            }
        }
        if !rider.isEmpty { json.string("futureOfCalls", rider) }
    }

    private func writeSignals(_ json: inout JSONWriter) {
        guard let voiceActivity else { return }
        if isVADSignal {
            json.object("voiceActivityDetectionSignal") {
                $0.string(
                    "vadSignalType",
                    voiceActivity.isStart ? "VAD_SIGNAL_TYPE_SOS" : "VAD_SIGNAL_TYPE_EOS")
            }
        } else {
            json.object("voiceActivity") {
                $0.string("type", voiceActivity.isStart ? "ACTIVITY_START" : "ACTIVITY_END")
                $0.string("audioOffset", Draft.duration(voiceActivity.offset))
            }
        }
    }

    private static func write(
        _ usage: Usage, isVertex: Bool, isBare: Bool = false, _ json: inout JSONWriter
    ) {
        json.object("usageMetadata") { receipt in
            receipt.number("promptTokenCount", usage.prompt)
            if usage.response > 0 {
                receipt.number(
                    isVertex ? "candidatesTokenCount" : "responseTokenCount", usage.response)
            }
            receipt.number("totalTokenCount", usage.total)
            if usage.thoughts > 0 { receipt.number("thoughtsTokenCount", usage.thoughts) }
            if isBare { return }
            details(
                "promptTokensDetails",
                [
                    ("TEXT", usage.promptText), ("AUDIO", usage.promptAudio),
                    ("IMAGE", usage.promptImage),
                ], &receipt)
            details(
                isVertex ? "candidatesTokensDetails" : "responseTokensDetails",
                [("TEXT", usage.responseText), ("AUDIO", usage.responseAudio)], &receipt)
            if isVertex { receipt.string("trafficType", "ON_DEMAND") }
        }
    }

    private static func details(
        _ key: String, _ counts: [(String, Int)], _ json: inout JSONWriter
    ) {
        guard counts.contains(where: { $0.1 > 0 }) else { return }
        json.array(key) { list in
            for (modality, count) in counts where count > 0 {
                list.object {
                    $0.string("modality", modality)
                    $0.number("tokenCount", count)
                }
            }
        }
    }

    /// A `Duration` as protobuf formats it: seconds, with 0, 3, 6 or 9 decimals.
    static func duration(_ interval: Interval) -> String {
        let milliseconds = max(interval.milliseconds, 0)
        let rest = milliseconds % 1000
        guard rest > 0 else { return "\(milliseconds / 1000)s" }
        let decimals = String(1000 + rest).dropFirst()
        return "\(milliseconds / 1000).\(decimals)s"
    }
}
