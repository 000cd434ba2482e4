import Basics

/// Every member name that the scanners and readers know, as proto3 JSON spells it. The original
/// snake_case spelling is derived from it and known, too; no other spelling is.
///
/// Names that scanners look for come first: their ordinals fit the 64 bits of `Seen`.
enum Name: String, CaseIterable {
    case unknown

    // Client messages.
    case setup, clientContent, realtimeInput, toolResponse, contextUpdate
    case audio, video, text, mediaChunks, audioStreamEnd, activityStart, activityEnd
    case mimeType, data, turns, turnComplete, functionResponses

    // Server messages.
    case setupComplete, serverContent, toolCall, toolCallCancellation, usageMetadata, goAway
    case sessionResumptionUpdate, voiceActivity, voiceActivityDetectionSignal
    case interactionStatus, error
    case modelTurn, parts, role, inlineData, thought, thoughtSignature, partMetadata
    case videoMetadata, mediaResolution
    case generationComplete, interrupted, inputTranscription, interimInputTranscription
    case outputTranscription, waitingForInput, groundingMetadata, urlContextMetadata
    case turnCompleteReason, speechState
    case resumable, newHandle, lastConsumedClientMessageIndex, timeLeft

    // Tools and activity, for readers.
    case functionCalls, ids, id, name, args, willContinue, response, scheduling
    case type, audioOffset

    // Setup, for its reader.
    case model, generationConfig, systemInstruction, tools, realtimeInputConfig
    case sessionResumption, contextWindowCompression, inputAudioTranscription
    case outputAudioTranscription, proactivity, historyConfig
    case responseModalities, thinkingConfig, enableAffectiveDialog
    case thinkingBudget, thinkingLevel, includeThoughts
    case automaticActivityDetection, activityHandling
    case disabled, silenceDurationMs, prefixPaddingMs
    case handle, transparent, proactiveAudio, initialHistoryInClientContent
    case triggerTokens, slidingWindow, targetTokens
    case functionDeclarations, behavior
    case parameters, parametersJsonSchema, responseJsonSchema, responseSchema, labels

    // Usage, for its reader.
    case promptTokenCount, cachedContentTokenCount, responseTokenCount, candidatesTokenCount
    case toolUsePromptTokenCount, thoughtsTokenCount, totalTokenCount
    case promptTokensDetails, cacheTokensDetails, responseTokensDetails
    case candidatesTokensDetails, toolUsePromptTokensDetails
    case modality, tokenCount

    /// `realtimeInput` -> `realtime_input`.
    var original: String { Name.original(of: rawValue) }

    static func original(of name: String) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(name.utf8.count + 8)
        for byte in name.utf8 {
            let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            if isUpper { result.append(UInt8(ascii: "_")) }
            result.append(isUpper ? byte + 32 : byte)
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// A member name as it was found.
struct Key {
    var name: Name
    /// Index among all names, for `Seen`.
    var ordinal: UInt8

    static let unknown = Key(name: .unknown, ordinal: 0)
}

/// The names an object has had. A known name that comes twice, in the same spelling or in both, is
/// ambiguous: parsers of proto3 JSON disagree whether the last one wins or the message is refused.
struct Seen {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    /// Notes `key` and returns whether it was there before.
    @inline(__always)
    mutating func repeats(_ key: Key) -> Bool {
        if key.name == .unknown { return false }
        let bit = UInt64(1) << UInt64(key.ordinal & 63)
        if key.ordinal < 64 {
            defer { low |= bit }
            return low & bit != 0
        }
        defer { high |= bit }
        return high & bit != 0
    }
}

/// Both spellings of all names by their hash.
enum Names {
    /// Length of the longest permitted spelling: `Words` holds no more bytes.
    static let longest = 40

    private struct Entry {
        var words: Words
        var key: Key
    }

    /// 512 slots, less than half of them used, so that probing ends soon; an empty slot has count
    /// -1.
    private static let entries: [Entry] = {
        let free = Entry(words: Words(first: 0, count: -1), key: .unknown)
        var entries = Array(repeating: free, count: 512)
        for (ordinal, name) in Name.allCases.enumerated() where name != .unknown {
            for text in Set([name.rawValue, name.original]) {
                let bytes = Array(text.utf8)
                precondition(bytes.count <= longest, "\(text) is too long")
                let words = Bytes.words(bytes.span, from: 0, to: bytes.count)
                var slot = slot(words)
                while entries[slot].words.count >= 0 { slot = (slot + 1) & 511 }
                entries[slot] = Entry(
                    words: words, key: Key(name: name, ordinal: UInt8(ordinal)))
            }
        }
        return entries
    }()

    @inline(__always)
    private static func slot(_ words: Words) -> Int {
        let mixed =
            words.first ^ (words.last &* 0x9E37_79B9_7F4A_7C15)
            ^ UInt64(truncatingIfNeeded: words.count)
        return Int(truncatingIfNeeded: (mixed &* 0xD6E8_FEB8_6659_FD93) &>> 55)
    }

    @inline(__always)
    static func key(_ words: Words) -> Key {
        let entries = self.entries
        var slot = slot(words)
        while true {
            let entry = entries[slot]
            if entry.words == words { return entry.key }
            if entry.words.count < 0 { return .unknown }
            slot = (slot &+ 1) & 511
        }
    }
}
