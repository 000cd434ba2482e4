import Basics

extension ServerMessage {
    /// Classifies one server message in one pass: no tree, no allocation, base64 is not decoded.
    /// The whole message is checked against the JSON grammar.
    ///
    /// A null, or a flag that is false, counts as absent, as in proto3 JSON. A known name whose
    /// value has the wrong type counts as unknown.
    public static func scan(_ bytes: Span<UInt8>) throws(Malformed) -> ServerMessage {
        var usage = Usage()
        return try scan(bytes, usage: &usage)
    }

    /// - Parameter usage: Set to what the message reports as used, if `usageMetadata` is present.
    public static func scan(
        _ bytes: Span<UInt8>, usage: inout Usage
    ) throws(Malformed) -> ServerMessage {
        if let usual = AudioShape.scan(server: bytes) { return usual }
        var scan = ServerScan()
        try scan.message(bytes)
        if scan.found.members.contains(.usageMetadata) { usage = scan.usage }
        return scan.found
    }
}

private struct ServerScan {
    var cursor = JSONCursor()
    var found = ServerMessage()
    var usage = Usage()

    mutating func message(_ bytes: Span<UInt8>) throws(Malformed) {
        try cursor.open(bytes)
        var seen = Seen()
        var key = try cursor.firstKey(bytes)
        while let member = key {
            if seen.repeats(member) { found.members.insert(.ambiguous) }
            try read(member.name, bytes)
            key = try cursor.nextKey(bytes)
        }
        try cursor.close(bytes)
    }

    /// One top-level member, at its value.
    private mutating func read(_ name: Name, _ bytes: Span<UInt8>) throws(Malformed) {
        switch name {
        case .serverContent:
            if try enter(.serverContent, bytes) { try serverContent(bytes) }
        case .toolCall: found.tool = try value(.toolCall, bytes)
        case .toolCallCancellation:
            found.cancellation = try value(.toolCallCancellation, bytes)
        case .usageMetadata: found.usage = try readUsage(bytes)
        case .goAway: if try enter(.goAway, bytes) { try goAway(bytes) }
        case .sessionResumptionUpdate:
            if try enter(.sessionResumptionUpdate, bytes) { try resumptionUpdate(bytes) }
        case .setupComplete: _ = try value(.setupComplete, bytes)
        case .voiceActivity: _ = try value(.voiceActivity, bytes)
        case .voiceActivityDetectionSignal: _ = try value(.voiceActivityDetectionSignal, bytes)
        case .error: _ = try value(.error, bytes)
        case .interactionStatus:
            if try interactionStatus(bytes, depth: 1) { found.members.insert(.interactionStatus) }
        default:
            found.members.insert(.unknown)
            try cursor.skip(bytes, depth: 1)
        }
    }

    /// Skips the object that is a member's value and returns its position.
    private mutating func value(
        _ member: ServerMessage.Members, _ bytes: Span<UInt8>
    ) throws(Malformed) -> ByteRange {
        let byte = cursor.next(bytes)
        let start = cursor.at
        try cursor.skip(bytes, depth: 1)
        guard byte == UInt8(ascii: "{") else {
            if byte != UInt8(ascii: "n") { found.members.insert(.unknown) }
            return .none
        }
        found.members.insert(member)
        return ByteRange(start, cursor.at)
    }

    /// The same for the report of usage, which is read on the way.
    private mutating func readUsage(_ bytes: Span<UInt8>) throws(Malformed) -> ByteRange {
        let byte = cursor.next(bytes)
        let start = cursor.at
        usage = Usage()
        guard try usage.read(bytes, at: &cursor, depth: 1) else {
            if byte != UInt8(ascii: "n") { found.members.insert(.unknown) }
            return .none
        }
        found.members.insert(.usageMetadata)
        return ByteRange(start, cursor.at)
    }

    @inline(__always)
    private mutating func enter(
        _ member: ServerMessage.Members, _ bytes: Span<UInt8>
    ) throws(Malformed) -> Bool {
        let byte = cursor.next(bytes)
        if try cursor.enter(bytes, depth: 1) {
            found.members.insert(member)
            return true
        }
        if byte != UInt8(ascii: "n") { found.members.insert(.unknown) }
        return false
    }

    private mutating func goAway(_ bytes: Span<UInt8>) throws(Malformed) {
        var seen = Seen()
        var key = try cursor.firstKey(bytes)
        while let member = key {
            if seen.repeats(member) { found.members.insert(.ambiguous) }
            if member.name == .timeLeft, let text = try cursor.string(bytes, depth: 2) {
                found.timeLeft = JSONText.duration(bytes, text.range) ?? .zero
            } else if member.name != .timeLeft {
                try cursor.skip(bytes, depth: 2)
            }
            key = try cursor.nextKey(bytes)
        }
    }

    private mutating func resumptionUpdate(_ bytes: Span<UInt8>) throws(Malformed) {
        var seen = Seen()
        var key = try cursor.firstKey(bytes)
        while let member = key {
            if seen.repeats(member) { found.members.insert(.ambiguous) }
            switch member.name {
            case .resumable: found.resumable = try cursor.bool(bytes, depth: 2) == true
            case .newHandle:
                found.handle = try cursor.string(bytes, depth: 2)?.range ?? .none
            case .lastConsumedClientMessageIndex:
                found.lastConsumed = try cursor.integer(bytes, depth: 2) ?? -1
            default: try cursor.skip(bytes, depth: 2)
            }
            key = try cursor.nextKey(bytes)
        }
    }

    /// Returns whether there was one.
    private mutating func interactionStatus(
        _ bytes: Span<UInt8>, depth: Int
    ) throws(Malformed) -> Bool {
        let byte = cursor.next(bytes)
        guard let text = try cursor.string(bytes, depth: depth) else {
            noteRemark(byte)
            return false
        }
        let status = ServerMessage.Content(status: bytes, text.range)
        if status == nil { found.isRemarked = true }
        found.content.insert(status ?? .unknown)
        return true
    }

    /// Notes an unknown value of a member that has no room for words.
    ///
    /// - Parameter byte: The value's first byte.
    private mutating func noteRemark(_ byte: UInt8) {
        if byte != UInt8(ascii: "n") { found.isRemarked = true }
    }

    /// A member of which nothing is known may be words, or contain some.
    ///
    /// - Parameter byte: The first of its value.
    @inline(__always)
    private mutating func noteWords(_ byte: UInt8) {
        if JSONText.mayHaveWords(from: byte) { found.isRemarked = true }
    }
}

extension ServerMessage.Content {
    /// The meaning of an `interactionStatus`; nil for unknown values.
    init?(status bytes: Span<UInt8>, _ text: ByteRange) {
        let range = text.range
        if Bytes.equal(bytes, range, "IN_PROGRESS") {
            self = .inProgress
        } else if Bytes.equal(bytes, range, "IDLE") || Bytes.equal(bytes, range, "REQUIRES_ACTION")
        {
            self = .idle
        } else {
            return nil
        }
    }
}

// MARK: - serverContent

extension ServerScan {
    private mutating func serverContent(_ bytes: Span<UInt8>) throws(Malformed) {
        var seen = Seen()
        var key = try cursor.firstKey(bytes)
        while let member = key {
            if seen.repeats(member) { found.members.insert(.ambiguous) }
            switch member.name {
            case .modelTurn:
                let byte = cursor.next(bytes)
                if try cursor.enter(bytes, depth: 2) {
                    found.content.insert(.modelTurn)
                    try modelTurn(bytes)
                } else {
                    noteRemark(byte)
                }
            case .generationComplete: try flag(.generationComplete, bytes)
            case .turnComplete: try flag(.turnComplete, bytes)
            case .interrupted: try flag(.interrupted, bytes)
            case .waitingForInput: try flag(.waitingForInput, bytes)
            case .inputTranscription:
                found.inputText = try transcription(.inputTranscription, bytes)
            case .outputTranscription:
                found.outputText = try transcription(.outputTranscription, bytes)
            case .interimInputTranscription:
                _ = try transcription(.interimInputTranscription, bytes)
            case .groundingMetadata: try present(.groundingMetadata, bytes)
            case .urlContextMetadata: try present(.urlContextMetadata, bytes)
            case .turnCompleteReason:
                let byte = cursor.next(bytes)
                noteRemark(byte)
                found.turnCompleteReason = try cursor.string(bytes, depth: 2)?.range ?? .none
            case .interactionStatus: _ = try interactionStatus(bytes, depth: 2)
            case .speechState: try speechState(bytes)
            default:
                noteWords(cursor.next(bytes))
                try present(.unknown, bytes)
            }
            key = try cursor.nextKey(bytes)
        }
    }

    private mutating func flag(
        _ content: ServerMessage.Content, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        let byte = cursor.next(bytes)
        switch try cursor.bool(bytes, depth: 2) {
        case true?: found.content.insert(content)
        case false?: break
        case nil: noteRemark(byte)
        }
    }

    /// Deprecated, and of no use here.
    private mutating func speechState(_ bytes: Span<UInt8>) throws(Malformed) {
        let byte = cursor.next(bytes)
        let text = try cursor.string(bytes, depth: 2)?.range ?? .none
        if !Bytes.equal(bytes, text.range, "SPEECH"), !Bytes.equal(bytes, text.range, "NON_SPEECH")
        {
            noteRemark(byte)
        }
    }

    private mutating func present(
        _ content: ServerMessage.Content, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        if try !cursor.isNull(bytes, depth: 2) { found.content.insert(content) }
    }

    private mutating func transcription(
        _ content: ServerMessage.Content, _ bytes: Span<UInt8>
    ) throws(Malformed) -> ByteRange {
        let byte = cursor.next(bytes)
        guard try cursor.enter(bytes, depth: 2) else {
            noteRemark(byte)
            return .none
        }
        found.content.insert(content)
        var text = ByteRange.none
        var seen = Seen()
        var key = try cursor.firstKey(bytes)
        while let member = key {
            if seen.repeats(member) { found.members.insert(.ambiguous) }
            if member.name == .text {
                let byte = cursor.next(bytes)
                let found = try cursor.string(bytes, depth: 3)
                if found == nil { noteWords(byte) }
                text = found?.range ?? .none
            } else {
                noteWords(cursor.next(bytes))
                try cursor.skip(bytes, depth: 3)
            }
            key = try cursor.nextKey(bytes)
        }
        return text
    }

    private mutating func modelTurn(_ bytes: Span<UInt8>) throws(Malformed) {
        var seen = Seen()
        var key = try cursor.firstKey(bytes)
        while let member = key {
            if seen.repeats(member) { found.members.insert(.ambiguous) }
            switch member.name {
            case .parts:
                let byte = cursor.next(bytes)
                if byte != UInt8(ascii: "[") { noteWords(byte) }
                var list = try cursor.enterList(bytes, depth: 3)
                while list != .end {
                    try part(bytes)
                    list = try cursor.advance(list, bytes)
                }
            case .role:
                let byte = cursor.next(bytes)
                let role = try cursor.string(bytes, depth: 3)?.range ?? .none
                if !Bytes.equal(bytes, role.range, "model") { noteWords(byte) }
            default:
                noteWords(cursor.next(bytes))
                try cursor.skip(bytes, depth: 3)
            }
            key = try cursor.nextKey(bytes)
        }
    }

    private mutating func part(_ bytes: Span<UInt8>) throws(Malformed) {
        let part = try ServerPart.read(&cursor, bytes)
        if part.isAmbiguous { found.members.insert(.ambiguous) }
        if part.isRemarked || part.blob.isRemarked { found.isRemarked = true }
        found.content.formUnion(part.content)
        guard part.content.contains(.audio) else { return }
        found.audioBytes &+= part.blob.decodedCount
        if found.audio.isEmpty {
            found.audio = part.blob.data
            if part.blob.rate > 0 { found.audioRate = part.blob.rate }
        }
    }
}

/// One of `modelTurn.parts`. Its kind is known only at its end, because `thought` may come last.
struct ServerPart {
    var content: ServerMessage.Content = []
    var blob = Blob()
    var isAmbiguous = false
    /// It has more than text and sound.
    var isRemarked = false

    @inline(__always)
    static func read(
        _ cursor: inout JSONCursor, _ bytes: Span<UInt8>
    ) throws(Malformed) -> ServerPart {
        var part = ServerPart()
        let byte = cursor.next(bytes)
        guard try cursor.enter(bytes, depth: 4) else {
            part.isRemarked = JSONText.mayHaveWords(from: byte)
            return part
        }
        var isThought = false
        var hasText = false
        var seen = Seen()
        var key = try cursor.firstKey(bytes)
        while let member = key {
            if seen.repeats(member) { part.isAmbiguous = true }
            switch member.name {
            case .inlineData: part.blob = try Blob.read(&cursor, bytes, depth: 5)
            case .text:
                // An empty text only carries the signature next to it.
                hasText = try cursor.string(bytes, depth: 5).map { !$0.range.isEmpty } ?? false
            case .thought: isThought = try cursor.bool(bytes, depth: 5) == true
            case .thoughtSignature: try cursor.skip(bytes, depth: 5)
            case .partMetadata, .videoMetadata, .mediaResolution:
                part.isRemarked = true
                try cursor.skip(bytes, depth: 5)
            default:
                part.isRemarked = true
                if try !cursor.isNull(bytes, depth: 5) { part.content.insert(.otherPart) }
            }
            key = try cursor.nextKey(bytes)
        }
        if part.blob.isAmbiguous { part.isAmbiguous = true }
        if hasText { part.content.insert(isThought ? .thought : .text) }
        if part.blob.isPresent, !part.blob.isAudio {
            part.content.insert(.otherPart)
        } else if !part.blob.data.isEmpty {
            part.content.insert(.audio)
        }
        return part
    }

    /// The kind that a member makes of the part; nil for those that only describe it.
    func kind(of name: Name) -> ServerMessage.Content? {
        switch name {
        case .inlineData: blob.isAudio ? .audio : .otherPart
        case .text: content.contains(.thought) ? .thought : .text
        case .thought, .thoughtSignature, .partMetadata, .videoMetadata, .mediaResolution: nil
        default: .otherPart
        }
    }
}
