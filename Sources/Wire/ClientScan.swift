import Basics

extension ClientMessage {
    /// Classifies one client message in one pass: no tree, no allocation, base64 is not decoded.
    /// The whole message is checked against the JSON grammar.
    ///
    /// A null counts as absent, as in proto3 JSON. A known name whose value has the wrong type
    /// counts as unknown: the service refuses both.
    public static func scan(_ bytes: Span<UInt8>) throws(Malformed) -> ClientMessage {
        if let usual = AudioShape.scan(bytes) { return usual }
        var scan = ClientScan()
        try scan.message(bytes)
        return scan.found
    }
}

private struct ClientScan {
    var cursor = JSONCursor()
    var found = ClientMessage()

    mutating func message(_ bytes: Span<UInt8>) throws(Malformed) {
        try cursor.open(bytes)
        var seen = Seen()
        var key = try cursor.firstKey(bytes)
        while let member = key {
            if seen.repeats(member) { found.members.insert(.ambiguous) }
            switch member.name {
            case .realtimeInput: try read(.realtimeInput, bytes)
            case .setup: try read(.setup, bytes)
            case .clientContent: try read(.clientContent, bytes)
            case .toolResponse: try read(.toolResponse, bytes)
            case .contextUpdate: try read(.contextUpdate, bytes)
            default:
                found.members.insert(.unknown)
                try cursor.skip(bytes, depth: 1)
            }
            key = try cursor.nextKey(bytes)
        }
        try cursor.close(bytes)
    }

    /// One member of the union, at its value.
    @inline(__always)
    private mutating func read(
        _ member: ClientMessage.Members, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        let byte = cursor.next(bytes)
        let start = cursor.at
        guard byte == UInt8(ascii: "{") else {
            if try !cursor.isNull(bytes, depth: 1) { found.members.insert(.unknown) }
            return
        }
        if member == .realtimeInput {
            cursor.at += 1
            try realtimeInput(bytes)
        } else if member == .clientContent {
            cursor.at += 1
            try clientContent(bytes)
        } else if member == .toolResponse {
            cursor.at += 1
            try toolResponse(bytes)
        } else {
            try cursor.skip(bytes, depth: 1)
        }
        found.members.insert(member)
        if found.value.isEmpty { found.value = ByteRange(start, cursor.at) }
    }

    private mutating func realtimeInput(_ bytes: Span<UInt8>) throws(Malformed) {
        var seen = Seen()
        var key = try cursor.firstKey(bytes)
        while let member = key {
            if seen.repeats(member) { found.members.insert(.ambiguous) }
            switch member.name {
            case .audio:
                let blob = try blob(bytes, depth: 2)
                if blob.isPresent { add(blob, .audio) }
            case .video:
                let blob = try blob(bytes, depth: 2)
                if blob.isPresent { found.input.insert(.video) }
            case .mediaChunks: try mediaChunks(bytes)
            case .text:
                let byte = cursor.next(bytes)
                if let text = try cursor.string(bytes, depth: 2) {
                    found.input.insert(.text)
                    found.text = text.range
                } else if byte != UInt8(ascii: "n") {
                    found.input.insert(.unknown)
                }
            case .audioStreamEnd:
                if try cursor.bool(bytes, depth: 2) == true { found.input.insert(.audioStreamEnd) }
            case .activityStart: try signal(.activityStart, bytes)
            case .activityEnd: try signal(.activityEnd, bytes)
            default:
                found.input.insert(.unknown)
                try cursor.skip(bytes, depth: 2)
            }
            key = try cursor.nextKey(bytes)
        }
    }

    /// The service reads only the first of the deprecated chunks, so only that one counts.
    private mutating func mediaChunks(_ bytes: Span<UInt8>) throws(Malformed) {
        var list = try cursor.enterList(bytes, depth: 2)
        var isFirst = true
        while list != .end {
            if isFirst {
                let blob = try blob(bytes, depth: 3)
                if blob.isPresent {
                    found.input.insert(.mediaChunks)
                    if blob.isAudio {
                        add(blob, .audio)
                    } else {
                        found.input.insert(.video)
                    }
                }
                isFirst = false
            } else {
                let later = try Blob.read(&cursor, bytes, depth: 3)
                if later.isPresent { found.later.insert(later.isAudio ? .audio : .video) }
            }
            list = try cursor.advance(list, bytes)
        }
    }

    @inline(__always)
    private mutating func blob(_ bytes: Span<UInt8>, depth: Int) throws(Malformed) -> Blob {
        let byte = cursor.next(bytes)
        let blob = try Blob.read(&cursor, bytes, depth: depth)
        if blob.isAmbiguous { found.members.insert(.ambiguous) }
        if !blob.isPresent, byte != UInt8(ascii: "n") { found.input.insert(.unknown) }
        return blob
    }

    @inline(__always)
    private mutating func add(_ blob: Blob, _ kind: ClientMessage.Input) {
        found.input.insert(kind)
        found.audioBytes &+= blob.decodedCount
        guard found.audio.isEmpty else { return }
        found.audio = blob.data
        if blob.rate > 0 { found.audioRate = blob.rate }
    }

    private mutating func signal(
        _ input: ClientMessage.Input, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        switch cursor.next(bytes) {
        case UInt8(ascii: "{"): found.input.insert(input)
        case UInt8(ascii: "n"): break
        default: found.input.insert(.unknown)
        }
        try cursor.skip(bytes, depth: 2)
    }

    private mutating func clientContent(_ bytes: Span<UInt8>) throws(Malformed) {
        var seen = Seen()
        var key = try cursor.firstKey(bytes)
        while let member = key {
            if seen.repeats(member) { found.members.insert(.ambiguous) }
            switch member.name {
            case .turns: found.count = try cursor.countElements(bytes, depth: 2)
            case .turnComplete: found.turnComplete = try cursor.bool(bytes, depth: 2) == true
            default: try cursor.skip(bytes, depth: 2)
            }
            key = try cursor.nextKey(bytes)
        }
    }

    private mutating func toolResponse(_ bytes: Span<UInt8>) throws(Malformed) {
        var seen = Seen()
        var key = try cursor.firstKey(bytes)
        while let member = key {
            if seen.repeats(member) { found.members.insert(.ambiguous) }
            switch member.name {
            case .functionResponses: found.count = try cursor.countElements(bytes, depth: 2)
            default: try cursor.skip(bytes, depth: 2)
            }
            key = try cursor.nextKey(bytes)
        }
    }
}
