import Basics

extension Setup {
    mutating func readMembers(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        _ = cursor.next(bytes)
        let start = cursor.at
        let isObject = try cursor.members(bytes, depth: 1) {
            cursor, name throws(Malformed) in
            try readMember(name, &cursor, bytes)
        }
        if isObject { value = ByteRange(start, cursor.at) }
    }

    private mutating func readMember(
        _ name: Name, _ cursor: inout JSONCursor, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        switch name {
        case .model:
            modelRange = try cursor.string(bytes, depth: 2)?.range ?? .none
            model = JSONText.unescape(bytes, modelRange, limit: 1024)
        case .generationConfig: try readGeneration(&cursor, bytes)
        case .systemInstruction: systemInstruction = try cursor.value(bytes, depth: 2)
        case .tools: try readTools(&cursor, bytes)
        case .realtimeInputConfig: try readRealtimeInput(&cursor, bytes)
        case .sessionResumption: try readResumption(&cursor, bytes)
        case .contextWindowCompression: try readCompression(&cursor, bytes)
        case .inputAudioTranscription:
            transcribesInput = try !cursor.isNull(bytes, depth: 2)
        case .outputAudioTranscription:
            transcribesOutput = try !cursor.isNull(bytes, depth: 2)
        case .proactivity:
            hasProactivity = try read(&cursor, bytes, 2) { setup, cursor, name throws(Malformed) in
                guard name == .proactiveAudio else { return try cursor.skip(bytes, depth: 3) }
                setup.proactiveAudio = try cursor.bool(bytes, depth: 3)
            }
        case .historyConfig:
            _ = try read(&cursor, bytes, 2) { setup, cursor, name throws(Malformed) in
                guard name == .initialHistoryInClientContent else {
                    return try cursor.skip(bytes, depth: 3)
                }
                setup.initialHistoryInClientContent = try cursor.bool(bytes, depth: 3) == true
            }
        default: try cursor.skip(bytes, depth: 2)
        }
    }

    /// Reads one nested object, member by member; false if there is none.
    private mutating func read(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>, _ depth: Int,
        _ body: (inout Setup, inout JSONCursor, Name) throws(Malformed) -> Void
    ) throws(Malformed) -> Bool {
        let isObject = try cursor.members(bytes, depth: depth) {
            cursor, name throws(Malformed) in
            try body(&self, &cursor, name)
        }
        return isObject
    }

    private mutating func readGeneration(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        _ = try read(&cursor, bytes, 2) { setup, cursor, name throws(Malformed) in
            switch name {
            case .responseModalities: try setup.readModalities(&cursor, bytes)
            case .thinkingConfig:
                setup.hasThinkingConfig = try setup.readThinking(&cursor, bytes)
            case .enableAffectiveDialog:
                setup.enablesAffectiveDialog = try cursor.bool(bytes, depth: 3) == true
            default: try cursor.skip(bytes, depth: 3)
            }
        }
    }

    private mutating func readModalities(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        var hasAny = false
        var hasAudio = false
        try cursor.elements(bytes, depth: 3) { cursor throws(Malformed) in
            guard let text = try cursor.string(bytes, depth: 4) else { return }
            hasAny = true
            if JSONText.equals(bytes, text.range, "AUDIO") { hasAudio = true }
            if JSONText.equals(bytes, text.range, "TEXT") { respondsWithText = true }
        }
        respondsWithAudio = hasAudio || !hasAny
    }

    private mutating func readThinking(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>
    ) throws(Malformed) -> Bool {
        try read(&cursor, bytes, 3) { setup, cursor, name throws(Malformed) in
            switch name {
            case .thinkingBudget: setup.thinkingBudget = try cursor.integer(bytes, depth: 4)
            case .thinkingLevel:
                let range = try cursor.string(bytes, depth: 4)?.range ?? .none
                setup.thinkingLevel = JSONText.unescape(bytes, range, limit: 64).uppercased()
            case .includeThoughts:
                setup.includesThoughts = try cursor.bool(bytes, depth: 4) == true
            default: try cursor.skip(bytes, depth: 4)
            }
        }
    }

    private mutating func readTools(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        _ = cursor.next(bytes)
        let start = cursor.at
        try cursor.elements(bytes, depth: 2) { cursor throws(Malformed) in
            _ = try cursor.members(bytes, depth: 3) {
                cursor, name throws(Malformed) in
                guard name == .functionDeclarations else {
                    return try cursor.skip(bytes, depth: 4)
                }
                try cursor.elements(bytes, depth: 4) { cursor throws(Malformed) in
                    try readFunction(&cursor, bytes)
                }
            }
        }
        let end = cursor.at
        if bytes[start] == UInt8(ascii: "[") { tools = ByteRange(start, end) }
    }

    private mutating func readFunction(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        var function = Function()
        let isObject = try read(&cursor, bytes, 5) { _, cursor, name throws(Malformed) in
            switch name {
            case .name:
                let range = try cursor.string(bytes, depth: 6)?.range ?? .none
                function.name = JSONText.unescape(bytes, range, limit: 1024)
            case .behavior:
                guard let text = try cursor.string(bytes, depth: 6) else { return }
                if JSONText.equals(bytes, text.range, "BLOCKING") {
                    function.behavior = .blocking
                } else if JSONText.equals(bytes, text.range, "NON_BLOCKING") {
                    function.behavior = .nonBlocking
                }
            default: try cursor.skip(bytes, depth: 6)
            }
        }
        if isObject { functions.append(function) }
    }

    private mutating func readRealtimeInput(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        _ = try read(&cursor, bytes, 2) { setup, cursor, name throws(Malformed) in
            switch name {
            case .automaticActivityDetection: try setup.readDetection(&cursor, bytes)
            case .activityHandling:
                guard let text = try cursor.string(bytes, depth: 3) else { return }
                setup.forbidsInterruption = JSONText.equals(bytes, text.range, "NO_INTERRUPTION")
            default: try cursor.skip(bytes, depth: 3)
            }
        }
    }

    private mutating func readDetection(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        _ = try read(&cursor, bytes, 3) { setup, cursor, name throws(Malformed) in
            switch name {
            case .disabled: setup.isManualVAD = try cursor.bool(bytes, depth: 4) == true
            case .silenceDurationMs:
                setup.silenceDurationMs = try cursor.integer(bytes, depth: 4)
            case .prefixPaddingMs: setup.prefixPaddingMs = try cursor.integer(bytes, depth: 4)
            default: try cursor.skip(bytes, depth: 4)
            }
        }
    }

    private mutating func readResumption(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        hasSessionResumption = try read(&cursor, bytes, 2) {
            setup, cursor, name throws(Malformed) in
            switch name {
            case .handle:
                if cursor.next(bytes) == UInt8(ascii: "n") {
                    setup.handle = .null
                    try cursor.skip(bytes, depth: 3)
                } else if let text = try cursor.string(bytes, depth: 3) {
                    setup.handle = text.range.isEmpty ? .empty : .present(text.range)
                }
            case .transparent:
                setup.hasTransparent = true
                setup.isTransparent = try cursor.bool(bytes, depth: 3) == true
            default: try cursor.skip(bytes, depth: 3)
            }
        }
    }

    private mutating func readCompression(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        hasContextWindowCompression = try read(&cursor, bytes, 2) {
            setup, cursor, name throws(Malformed) in
            switch name {
            case .triggerTokens: setup.triggerTokens = try cursor.integer(bytes, depth: 3)
            case .slidingWindow:
                _ = try setup.read(&cursor, bytes, 3) { setup, cursor, name throws(Malformed) in
                    guard name == .targetTokens else { return try cursor.skip(bytes, depth: 4) }
                    setup.targetTokens = try cursor.integer(bytes, depth: 4)
                }
            default: try cursor.skip(bytes, depth: 3)
            }
        }
    }
}
