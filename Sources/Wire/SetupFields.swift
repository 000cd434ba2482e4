/// The fields of a setup that a mask may name, as in the wire reference and the vendor's SDKs. A
/// mask that names anything else would lock nothing, contrary to its owner's belief; a field that
/// is not listed here can be locked with the field that contains it.
enum SetupFields {
    /// What a path may name below a field.
    fileprivate indirect enum Inside {
        case nothing
        /// Names that users choose.
        case entries
        case these([String: Inside])

        static func leaves(_ names: String...) -> Inside {
            .these(Dictionary(uniqueKeysWithValues: names.map { ($0, .nothing) }))
        }
    }

    private static let all: [String: Inside] = [
        "model": .nothing, "systemInstruction": .leaves("parts", "role"), "tools": .nothing,
        "toolConfig": .these([
            "functionCallingConfig": .leaves(
                "mode", "allowedFunctionNames", "streamFunctionCallArguments"),
            "retrievalConfig": .these([
                "latLng": .leaves("latitude", "longitude"), "languageCode": .nothing,
            ]),
            "includeServerSideToolInvocations": .nothing,
        ]),
        "explicitVadSignal": .nothing,
        "avatarConfig": .these([
            "avatarName": .nothing, "customizedAvatar": .leaves("imageMimeType", "imageData"),
            "audioBitrateBps": .nothing, "videoBitrateBps": .nothing,
        ]),
        "safetySettings": .nothing, "labels": .entries,
        "inputAudioTranscription": transcription, "outputAudioTranscription": transcription,
        "generationConfig": generation,
        "realtimeInputConfig": .these([
            "automaticActivityDetection": .leaves(
                "disabled", "startOfSpeechSensitivity", "endOfSpeechSensitivity",
                "prefixPaddingMs", "silenceDurationMs"),
            "activityHandling": .nothing, "turnCoverage": .nothing,
            "interimTranscriptTimestampEnabled": .nothing,
        ]),
        "sessionResumption": .leaves("handle", "transparent"),
        "contextWindowCompression": .these([
            "triggerTokens": .nothing, "slidingWindow": .leaves("targetTokens"),
        ]),
        "proactivity": .leaves("proactiveAudio", "proactiveVideo"),
        "historyConfig": .leaves("initialHistoryInClientContent"),
    ]

    private static let generation = Inside.these([
        "responseModalities": .nothing, "temperature": .nothing, "topP": .nothing,
        "topK": .nothing, "maxOutputTokens": .nothing, "seed": .nothing,
        "candidateCount": .nothing, "presencePenalty": .nothing, "frequencyPenalty": .nothing,
        "mediaResolution": .nothing, "enableAffectiveDialog": .nothing,
        "responseLogprobs": .nothing, "logprobs": .nothing, "responseMimeType": .nothing,
        "stopSequences": .nothing, "audioTimestamp": .nothing, "responseSchema": .nothing,
        "responseJsonSchema": .nothing, "responseFormat": .nothing,
        "enableEnhancedCivicAnswers": .nothing, "audioTranscriptionConfig": transcription,
        "modelSelectionConfig": .leaves("featureSelectionPreference"),
        "speechConfig": .these([
            "languageCode": .nothing,
            "voiceConfig": .these([
                "prebuiltVoiceConfig": .leaves("voiceName"),
                "replicatedVoiceConfig": .these([
                    "mimeType": .nothing, "voiceSampleAudio": .nothing, "consentAudio": .nothing,
                    "voiceConsentSignature": .leaves("signature"),
                ]),
                "voice": .nothing,
            ]),
            "multiSpeakerVoiceConfig": .leaves("speakerVoiceConfigs"),
        ]),
        "thinkingConfig": .leaves("includeThoughts", "thinkingBudget", "thinkingLevel"),
        "translationConfig": .leaves("targetLanguageCode", "echoTargetLanguage"),
        "routingConfig": .these([
            "autoMode": .leaves("modelRoutingPreference"), "manualMode": .leaves("modelName"),
        ]),
    ])

    private static let transcription = Inside.leaves(
        "languageCodes", "customVocabulary", "mode", "diarization", "wordTimestamp",
        "languageHints", "languageAuto", "adaptationPhrases", "sourceText")

    /// More than there are fields above.
    static let mostPaths = 128
    /// No field's path is a third as long; a label's key has at most 63 characters.
    private static let longestPath = 256
    /// The most paths of the greatest length, with their commas.
    static let longestMask = mostPaths * (longestPath + 1)

    /// What is wrong with a path of a mask; nil if it names a field.
    static func complaint(_ path: String) -> String? {
        guard path.utf8.count <= longestPath else {
            return "has a path of more than \(longestPath) bytes"
        }
        var inside = Inside.these(all)
        var known: [Substring] = []
        for step in path.split(separator: ".", omittingEmptySubsequences: false) {
            guard isName(step), let next = inside.member(step) else {
                let parent = known.joined(separator: ".")
                return "names no field of a setup: \(path)"
                    + (known.isEmpty ? "" : "; \(parent) locks all of it")
            }
            inside = next
            known.append(step)
        }
        return nil
    }

    private static func isName(_ step: Substring) -> Bool {
        !step.isEmpty
            && step.utf8.allSatisfy {
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20
                    || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
            }
    }
}

extension SetupFields.Inside {
    fileprivate func member(_ name: Substring) -> Self? {
        switch self {
        case .nothing: nil
        case .entries: .nothing
        case .these(let fields): fields[String(name)]
        }
    }
}
