import Basics

/// Every member name the scanners and readers know, as proto3 JSON spells it. The original
/// snake_case spelling follows from it and is known too; no third spelling is.
///
/// Names that scanners look for stand first: their ordinals fit the 64 bits of `Seen`.
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

    // Usage, for its reader.
    case promptTokenCount, cachedContentTokenCount, responseTokenCount, candidatesTokenCount
    case toolUsePromptTokenCount, thoughtsTokenCount, totalTokenCount
    case promptTokensDetails, cacheTokensDetails, responseTokensDetails
    case candidatesTokensDetails, toolUsePromptTokensDetails
    case modality, tokenCount

    /// `realtimeInput` -> `realtime_input`.
    var original: String { Name.original(of: rawValue) }

    static func original(of name: String) -> String {
        var result = ""
        for character in name.unicodeScalars {
            if ("A"..."Z").contains(character) {
                result += "_"
                result.unicodeScalars.append(Unicode.Scalar(UInt8(character.value) + 32))
            } else {
                result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

/// A member name as it was found.
struct Key {
    var name: Name
    /// Place among all names, for `Seen`.
    var ordinal: UInt8
}

/// Which names an object has had. A known name that comes twice, in one spelling or in both, is
/// ambiguous: parsers of proto3 JSON disagree whether the last one wins or the message is refused.
struct Seen {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    /// Notes `key` and says whether it had come before.
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

/// The bytes of a name, at most 40, as five words that overlap where it is shorter: comparing two
/// spellings is comparing words.
struct Spelling: Equatable {
    var first: UInt64 = 0
    var second: UInt64 = 0
    var third: UInt64 = 0
    var fourth: UInt64 = 0
    var last: UInt64 = 0
    var count: Int

    static let longest = 40

    /// No spelling of anything.
    init() { count = -1 }

    /// `range` must lie inside `bytes`; nil if it is longer than any name.
    @inline(__always)
    init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        let start = range.lowerBound
        let end = range.upperBound
        count = end &- start
        if count <= 8 {
            first = Bytes.word(bytes, at: start, count: count)
        } else if count <= Spelling.longest {
            first = Bytes.word(bytes, at: start)
            last = Bytes.word(bytes, at: end &- 8)
            if count > 16 {
                second = Bytes.word(bytes, at: start &+ 8)
                fourth = Bytes.word(bytes, at: end &- 16)
                if count > 32 { third = Bytes.word(bytes, at: start &+ 16) }
            }
        } else {
            return nil
        }
    }

    @inline(__always)
    var slot: Int {
        let mixed =
            (first ^ (last &* 0x9E37_79B9_7F4A_7C15) ^ UInt64(count)) &* 0xD6E8_FEB8_6659_FD93
        return Int(truncatingIfNeeded: mixed >> 55)
    }
}

/// Both spellings of all names by their hash.
enum Names {
    private struct Entry {
        var spelling: Spelling
        var key: Key
    }

    /// 512 slots, less than half of them taken, so that probing ends soon; an empty slot has
    /// count -1.
    private static let entries: [Entry] = {
        let nothing = Key(name: .unknown, ordinal: 0)
        var entries = Array(repeating: Entry(spelling: Spelling(), key: nothing), count: 512)
        for (ordinal, name) in Name.allCases.enumerated() where name != .unknown {
            for text in Set([name.rawValue, name.original]) {
                let bytes = Array(text.utf8)
                guard let spelling = Spelling(bytes.span, 0..<bytes.count) else {
                    preconditionFailure("\(text) is longer than \(Spelling.longest) bytes")
                }
                var slot = spelling.slot
                while entries[slot].spelling.count >= 0 { slot = (slot + 1) & 511 }
                entries[slot] = Entry(
                    spelling: spelling, key: Key(name: name, ordinal: UInt8(ordinal)))
            }
        }
        return entries
    }()

    @inline(__always)
    static func key(of spelling: Spelling) -> Key {
        let entries = self.entries
        var slot = spelling.slot
        while true {
            let entry = entries[slot]
            if entry.spelling == spelling { return entry.key }
            if entry.spelling.count < 0 { return Key(name: .unknown, ordinal: 0) }
            slot = (slot &+ 1) & 511
        }
    }
}
