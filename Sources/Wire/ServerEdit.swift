import Basics

/// One change to a message of gemini's. What no edit names stays unchanged, byte for byte.
public enum ServerEdit: Equatable, Sendable {
    /// Removes these members of the message. `unknown` and `ambiguous` name none.
    case remove(ServerMessage.Members)
    /// Removes these parts of `serverContent`. `modelTurn` is the whole turn; `audio`, `text`,
    /// `thought` and `otherPart` are its parts of that kind, with fields that only describe them.
    /// `turnComplete` includes its `turnCompleteReason`; `inProgress` and `idle` are the
    /// corresponding `interactionStatus`, here or at top level. `unknown` names none.
    case removeContent(ServerMessage.Content)
    /// `toolCall.functionCalls`, by index.
    case calls([ElementEdit])
    /// `toolCallCancellation.ids`, by index.
    case cancelled([ElementEdit])
    /// Removes all elements of both. Where other fields remain beside a list it stays, empty:
    /// programs go through it without asking whether it is there.
    case noCalls, noneCancelled
    /// Sets `sessionResumptionUpdate.newHandle`, if present.
    case handle(String)
    /// Sets `sessionResumptionUpdate.lastConsumedClientMessageIndex`, if present, as a string if it
    /// was one.
    case lastConsumed(Int64)
}

extension ServerMessage {
    /// The message with all `edits` made, in one pass; nil if nothing but its frame remains.
    /// Objects and lists that have lost all their content are removed, too, and so is a `modelTurn`
    /// that has only its `role` left; those empty from the start are kept.
    ///
    /// Bytes that are not a message are returned unchanged: a scan has refused them before. If a
    /// member is there twice, both are edited.
    public static func edit(_ bytes: Span<UInt8>, _ edits: [ServerEdit]) -> [UInt8]? {
        ServerEdits(edits).applied(to: bytes)
    }

    /// Splits the message in two: the parts of `serverContent` that `content` names, in a message
    /// of their own, and the rest; each is nil if it is empty. Unnamed parts stay with the rest.
    public static func split(
        _ bytes: Span<UInt8>, _ content: Content
    ) -> (named: [UInt8]?, rest: [UInt8]?) {
        var named = ServerEdits([.removeContent(content)])
        named.isInverted = true
        return (
            named.applied(to: bytes), ServerEdits([.removeContent(content)]).applied(to: bytes)
        )
    }
}

/// All edits of one message, as its traversal needs them.
private struct ServerEdits {
    var members: ServerMessage.Members = []
    var content: ServerMessage.Content = []
    var calls: [ElementEdit] = []
    var cancelled: [ElementEdit] = []
    var emptied: ServerMessage.Members = []
    var handle: [UInt8]?
    var lastConsumed: Int64?
    /// Named parts stay, and everything else is removed.
    var isInverted = false

    init(_ edits: [ServerEdit]) {
        for edit in edits {
            switch edit {
            case .remove(let members): self.members.formUnion(members)
            case .removeContent(let content): self.content.formUnion(content)
            case .calls(let calls): self.calls = calls
            case .cancelled(let cancelled): self.cancelled = cancelled
            case .noCalls: emptied.insert(.toolCall)
            case .noneCancelled: emptied.insert(.toolCallCancellation)
            case .handle(let handle): self.handle = JSONText.quoted(handle)
            case .lastConsumed(let index): lastConsumed = index
            }
        }
    }

    func applied(to bytes: Span<UInt8>) -> [UInt8]? {
        var editor = JSONEditor()
        let rest = try? editor.object(bytes, depth: 0) { editor, key throws(Malformed) in
            try message(&editor, key.name(bytes), bytes)
        }
        guard let rest, (try? editor.cursor.close(bytes)) != nil else {
            return [UInt8](copying: bytes)
        }
        return fate(rest) == .remove ? nil : editor.edits.applied(to: bytes)
    }

    private func fate(isNamed: Bool) -> JSONEditor.Fate {
        isNamed != isInverted ? .remove : .keep
    }

    /// The decision on an object, or on another value in its place.
    private func fate(_ rest: JSONEditor.Rest?) -> JSONEditor.Fate {
        guard let rest, rest.kept + rest.removed > 0 else { return fate(isNamed: false) }
        return rest.fate
    }

    /// A top-level member, at its value.
    private func message(
        _ editor: inout JSONEditor, _ name: Name, _ bytes: Span<UInt8>
    ) throws(Malformed) -> JSONEditor.Fate {
        if let member = ServerMessage.Members(name), members.contains(member) {
            return try editor.pass(bytes, depth: 1, .remove)
        }
        switch name {
        case .serverContent:
            return fate(
                try editor.object(bytes, depth: 1) { editor, key throws(Malformed) in
                    try serverContent(&editor, key.name(bytes), bytes)
                })
        case .interactionStatus: return try status(&editor, bytes, depth: 1)
        case .toolCall where emptied.contains(.toolCall):
            return try empty(.functionCalls, &editor, bytes)
        case .toolCallCancellation where emptied.contains(.toolCallCancellation):
            return try empty(.ids, &editor, bytes)
        case .toolCall where !calls.isEmpty:
            return try elements(of: .functionCalls, calls, &editor, bytes)
        case .toolCallCancellation where !cancelled.isEmpty:
            return try elements(of: .ids, cancelled, &editor, bytes)
        case .sessionResumptionUpdate where handle != nil || lastConsumed != nil:
            return fate(
                try editor.object(bytes, depth: 1) { editor, key throws(Malformed) in
                    try resumptionUpdate(&editor, key.name(bytes), bytes)
                    return .keep
                })
        default: return try editor.pass(bytes, depth: 1, fate(isNamed: false))
        }
    }

    private func elements(
        of list: Name, _ changes: [ElementEdit], _ editor: inout JSONEditor, _ bytes: Span<UInt8>
    ) throws(Malformed) -> JSONEditor.Fate {
        fate(
            try editor.object(bytes, depth: 1) { editor, key throws(Malformed) in
                key.name(bytes) == list
                    ? try editor.elements(bytes, depth: 2, changes)
                    : try editor.pass(bytes, depth: 2, .keep)
            })
    }

    private func empty(
        _ list: Name, _ editor: inout JSONEditor, _ bytes: Span<UInt8>
    ) throws(Malformed) -> JSONEditor.Fate {
        var others = 0
        _ = try editor.object(bytes, depth: 1) { editor, key throws(Malformed) in
            if key.name(bytes) == list {
                _ = try editor.replace(bytes, depth: 2, with: Array("[]".utf8))
                return .keep
            }
            others += 1
            return try editor.pass(bytes, depth: 2, .keep)
        }
        return others > 0 ? .keep : .remove
    }

    private func resumptionUpdate(
        _ editor: inout JSONEditor, _ name: Name, _ bytes: Span<UInt8>
    ) throws(Malformed) {
        if name == .newHandle, let handle {
            _ = try editor.replace(bytes, depth: 2, with: handle)
        } else if name == .lastConsumedClientMessageIndex, let lastConsumed {
            let isText = editor.cursor.next(bytes) == UInt8(ascii: "\"")
            let new = isText ? "\"\(lastConsumed)\"" : "\(lastConsumed)"
            _ = try editor.replace(bytes, depth: 2, with: Array(new.utf8))
        } else {
            try editor.cursor.skip(bytes, depth: 2)
        }
    }

    // MARK: serverContent

    /// A member of `serverContent`, at its value.
    private func serverContent(
        _ editor: inout JSONEditor, _ name: Name, _ bytes: Span<UInt8>
    ) throws(Malformed) -> JSONEditor.Fate {
        let isNamed = ServerMessage.Content(name).map(content.contains) ?? false
        switch name {
        case .interactionStatus: return try status(&editor, bytes, depth: 2)
        case .modelTurn where !isNamed && !content.isDisjoint(with: .output):
            return try modelTurn(&editor, bytes)
        default: return try editor.pass(bytes, depth: 2, fate(isNamed: isNamed))
        }
    }

    private func status(
        _ editor: inout JSONEditor, _ bytes: Span<UInt8>, depth: Int
    ) throws(Malformed) -> JSONEditor.Fate {
        let text = try editor.cursor.string(bytes, depth: depth)
        let status = text.flatMap { ServerMessage.Content(status: bytes, $0.range) }
        return fate(isNamed: status.map(content.contains) ?? false)
    }

    private func modelTurn(
        _ editor: inout JSONEditor, _ bytes: Span<UInt8>
    ) throws(Malformed) -> JSONEditor.Fate {
        var roles = 0
        let rest = try editor.object(bytes, depth: 2) { editor, key throws(Malformed) in
            switch key.name(bytes) {
            case .parts:
                return try editor.list(bytes, depth: 3) { editor, _ throws(Malformed) in
                    try part(&editor, bytes)
                }.fate
            case .role:
                roles += 1
                return try editor.pass(bytes, depth: 3, .keep)
            default: return try editor.pass(bytes, depth: 3, fate(isNamed: false))
            }
        }
        if let rest, rest.removed > 0, rest.kept == roles { return .remove }
        return fate(rest)
    }
}

extension ServerEdits {
    /// One of `modelTurn.parts`. A part of several kinds loses only the named ones.
    private func part(
        _ editor: inout JSONEditor, _ bytes: Span<UInt8>
    ) throws(Malformed) -> JSONEditor.Fate {
        let start = editor.cursor
        let part = try ServerPart.read(&editor.cursor, bytes)
        if part.content.isDisjoint(with: content) { return fate(isNamed: false) }
        if content.isSuperset(of: part.content) { return fate(isNamed: true) }
        editor.cursor = start
        _ = try editor.object(bytes, depth: 4) { editor, key throws(Malformed) in
            let name = key.name(bytes)
            guard let kind = part.kind(of: name) else {
                return try editor.pass(bytes, depth: 5, .keep)
            }
            return try editor.pass(bytes, depth: 5, fate(isNamed: content.contains(kind)))
        }
        return .keep
    }
}

extension ServerMessage.Members {
    /// nil if the name is not a member.
    fileprivate init?(_ name: Name) {
        switch name {
        case .setupComplete: self = .setupComplete
        case .serverContent: self = .serverContent
        case .toolCall: self = .toolCall
        case .toolCallCancellation: self = .toolCallCancellation
        case .usageMetadata: self = .usageMetadata
        case .goAway: self = .goAway
        case .sessionResumptionUpdate: self = .sessionResumptionUpdate
        case .voiceActivity: self = .voiceActivity
        case .voiceActivityDetectionSignal: self = .voiceActivityDetectionSignal
        case .interactionStatus: self = .interactionStatus
        case .error: self = .error
        default: return nil
        }
    }
}

extension ServerMessage.Content {
    /// nil if the name alone does not identify a part of `serverContent`.
    fileprivate init?(_ name: Name) {
        switch name {
        case .modelTurn: self = .modelTurn
        case .generationComplete: self = .generationComplete
        case .turnComplete, .turnCompleteReason: self = .turnComplete
        case .interrupted: self = .interrupted
        case .inputTranscription: self = .inputTranscription
        case .interimInputTranscription: self = .interimInputTranscription
        case .outputTranscription: self = .outputTranscription
        case .waitingForInput: self = .waitingForInput
        case .groundingMetadata: self = .groundingMetadata
        case .urlContextMetadata: self = .urlContextMetadata
        default: return nil
        }
    }
}
