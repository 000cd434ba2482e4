/// The client's messages, as in the service's own schema.
extension Shape {
    static let clientMessage: Shape = Shape([
        ("setup", .message { setup }), ("clientContent", .message { clientContent }),
        ("realtimeInput", .message { realtimeInput }),
        ("toolResponse", .message { toolResponse }),
        ("contextUpdate", .message { contextUpdate }),
    ])

    static let setup: Shape = Shape(
        [
            ("model", .text), ("generationConfig", .message { generationConfig }),
            ("systemInstruction", .message { content }),
            ("tools", .list(.message { tool })),
            ("realtimeInputConfig", .message { realtimeInputConfig }),
            ("sessionResumption", .message { sessionResumption }),
            ("contextWindowCompression", .message { compression }),
            ("inputAudioTranscription", .message { transcription }),
            ("outputAudioTranscription", .message { transcription }),
            ("proactivity", .message { proactivity }),
            ("historyConfig", .message { historyConfig }),
            ("avatarConfig", .object), ("safetySettings", .list(.object)), ("labels", .object),
            ("toolConfig", .object),
        ], vertex: [("explicitVadSignal", .flag)])

    static let generationConfig: Shape = Shape(
        [
            (
                "responseModalities",
                .list(.choice(["MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "AUDIO", "VIDEO"]))
            ),
            ("temperature", .number), ("topP", .number), ("topK", .number),
            ("maxOutputTokens", .integer), ("seed", .integer), ("candidateCount", .integer),
            ("presencePenalty", .number), ("frequencyPenalty", .number),
            ("speechConfig", .message { speechConfig }),
            (
                "mediaResolution",
                .choice([
                    "MEDIA_RESOLUTION_UNSPECIFIED", "MEDIA_RESOLUTION_LOW",
                    "MEDIA_RESOLUTION_MEDIUM",
                    "MEDIA_RESOLUTION_HIGH",
                ])
            ),
            ("thinkingConfig", .message { thinkingConfig }), ("enableAffectiveDialog", .flag),
            ("translationConfig", .message { translationConfig }),
        ] + unsupportedInLive.map { ($0, FieldType.any) })

    /// Fields of the schema that the Live service refuses.
    static let unsupportedInLive = [
        "responseLogprobs", "logprobs", "responseMimeType", "responseSchema",
        "responseJsonSchema", "stopSequences", "routingConfig", "audioTimestamp",
    ]

    static let speechConfig: Shape = Shape([
        ("voiceConfig", .message { voiceConfig }), ("languageCode", .text),
        ("multiSpeakerVoiceConfig", .object),
    ])
    static let voiceConfig: Shape = Shape([
        ("prebuiltVoiceConfig", .message { Shape([("voiceName", .text)]) }),
        ("replicatedVoiceConfig", .object),
    ])
    static let thinkingConfig: Shape = Shape([
        ("thinkingBudget", .integer), ("includeThoughts", .flag),
        (
            "thinkingLevel",
            .choice(["THINKING_LEVEL_UNSPECIFIED", "MINIMAL", "LOW", "MEDIUM", "HIGH"])
        ),
    ])
    static let translationConfig: Shape = Shape([
        ("targetLanguageCode", .text), ("echoTargetLanguage", .flag),
    ])
    static let realtimeInputConfig: Shape = Shape([
        ("automaticActivityDetection", .message { detection }),
        (
            "activityHandling",
            .choice([
                "ACTIVITY_HANDLING_UNSPECIFIED", "START_OF_ACTIVITY_INTERRUPTS", "NO_INTERRUPTION",
            ])
        ),
        (
            "turnCoverage",
            .choice([
                "TURN_COVERAGE_UNSPECIFIED", "TURN_INCLUDES_ONLY_ACTIVITY",
                "TURN_INCLUDES_ALL_INPUT", "TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO",
            ])
        ),
        ("interimTranscriptTimestampEnabled", .flag),
    ])
    static let detection: Shape = Shape([
        ("disabled", .flag),
        (
            "startOfSpeechSensitivity",
            .choice([
                "START_SENSITIVITY_UNSPECIFIED", "START_SENSITIVITY_HIGH", "START_SENSITIVITY_LOW",
            ])
        ),
        (
            "endOfSpeechSensitivity",
            .choice(["END_SENSITIVITY_UNSPECIFIED", "END_SENSITIVITY_HIGH", "END_SENSITIVITY_LOW"])
        ),
        ("prefixPaddingMs", .integer), ("silenceDurationMs", .integer),
    ])
    static let sessionResumption: Shape = Shape(
        [("handle", .text)], vertex: [("transparent", .flag)])
    static let compression: Shape = Shape([
        ("triggerTokens", .integer),
        ("slidingWindow", .message { Shape([("targetTokens", .integer)]) }),
    ])
    static let transcription: Shape = Shape([
        ("languageCodes", .list(.text)), ("customVocabulary", .list(.text)), ("mode", .text),
        ("diarization", .flag), ("wordTimestamp", .flag), ("languageHints", .any),
        ("languageAuto", .any), ("adaptationPhrases", .any),
    ])
    static let proactivity: Shape = Shape([("proactiveAudio", .flag), ("proactiveVideo", .flag)])
    static let historyConfig: Shape = Shape([("initialHistoryInClientContent", .flag)])

    static let content: Shape = Shape([("role", .text), ("parts", .list(.message { part }))])
    static let part: Shape = Shape([
        ("text", .text), ("inlineData", .message { blob }), ("fileData", .object),
        ("thought", .flag), ("thoughtSignature", .bytes), ("functionCall", .object),
        ("functionResponse", .object), ("executableCode", .object),
        ("codeExecutionResult", .object), ("videoMetadata", .object), ("mediaResolution", .any),
        ("partMetadata", .object),
    ])
    static let blob: Shape = Shape([("mimeType", .text), ("data", .bytes), ("displayName", .text)])

    static let tool: Shape = Shape([
        ("functionDeclarations", .list(.message { functionDeclaration })),
        ("googleSearch", .object), ("googleSearchRetrieval", .object), ("codeExecution", .object),
        ("urlContext", .object), ("googleMaps", .object), ("mcpServers", .list(.object)),
        ("retrieval", .object), ("enterpriseWebSearch", .object), ("computerUse", .object),
        ("fileSearch", .object),
    ])
    static let functionDeclaration: Shape = Shape([
        ("name", .text), ("description", .text), ("parameters", .message { schema }),
        ("parametersJsonSchema", .any), ("response", .message { schema }),
        ("responseJsonSchema", .any),
        ("behavior", .choice(["UNSPECIFIED", "BLOCKING", "NON_BLOCKING"])),
    ])
    static let schema: Shape = Shape(
        [
            ("type", .text), ("format", .text), ("title", .text), ("description", .text),
            ("nullable", .flag), ("default", .any), ("items", .message { schema }),
            ("minItems", .integer), ("maxItems", .integer), ("enum", .list(.text)),
            ("properties", .map(.message { schema })), ("propertyOrdering", .list(.text)),
            ("required", .list(.text)), ("minProperties", .integer), ("maxProperties", .integer),
            ("minimum", .number), ("maximum", .number), ("minLength", .integer),
            ("maxLength", .integer), ("pattern", .text), ("example", .any),
            ("anyOf", .list(.message { schema })),
        ], vertex: [("additionalProperties", .any), ("ref", .text), ("defs", .object)])

    static let clientContent: Shape = Shape([
        ("turns", .list(.message { content })), ("turnComplete", .flag),
    ])
    static let realtimeInput: Shape = Shape([
        ("audio", .message { blob }), ("video", .message { blob }), ("text", .text),
        ("mediaChunks", .list(.message { blob })), ("audioStreamEnd", .flag),
        ("activityStart", .message { Shape([]) }), ("activityEnd", .message { Shape([]) }),
    ])
    static let toolResponse: Shape = Shape([
        ("functionResponses", .list(.message { functionResponse }))
    ])
    static let functionResponse: Shape = Shape([
        ("id", .text), ("name", .text), ("response", .object), ("willContinue", .flag),
        (
            "scheduling", .choice(["SCHEDULING_UNSPECIFIED", "SILENT", "WHEN_IDLE", "INTERRUPT"])
        ),
        ("parts", .list(.object)),
    ])
    static let contextUpdate: Shape = Shape([
        ("systemInstruction", .message { content }),
        ("tools", .message { Shape([("tools", .list(.message { tool }))]) }),
    ])
}
