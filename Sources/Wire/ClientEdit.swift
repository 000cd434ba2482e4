import Basics

/// One change to a client message. What no edit names stays unchanged, byte for byte.
public enum ClientEdit: Equatable, Sendable {
    /// Removes these members of the message. `unknown` and `ambiguous` name none.
    case remove(ClientMessage.Members)
    /// Removes these parts of `realtimeInput`; `video` is `realtimeInput.video`, and `mediaChunks`
    /// all of them, whatever they contain. `unknown` names none.
    case removeInput(ClientMessage.Input)
    /// Removes `realtimeInput.video`, and of the `mediaChunks` those that are no sound.
    case removePictures
    /// Removes everything but these parts of `realtimeInput`, unknown fields included.
    case keepInput(ClientMessage.Input)
    /// `toolResponse.functionResponses`, by index.
    case answers([ElementEdit])
}

extension ClientMessage {
    /// The message with all `edits` made, in one pass; nil if nothing but its frame remains: an
    /// object or a list that has lost all its content is removed, too, but one that was empty from
    /// the start is kept.
    ///
    /// Bytes that are not a message are returned unchanged: a scan has refused them before. If a
    /// member is there twice, both are edited.
    public static func edit(_ bytes: Span<UInt8>, _ edits: [ClientEdit]) -> [UInt8]? {
        ClientEdits(edits).applied(to: bytes)
    }
}

/// All edits of one message, as its traversal needs them.
private struct ClientEdits {
    var members: ClientMessage.Members = []
    var input: ClientMessage.Input = []
    var removesPictures = false
    var onlyInput: ClientMessage.Input?
    var answers: [ElementEdit] = []

    init(_ edits: [ClientEdit]) {
        for edit in edits {
            switch edit {
            case .remove(let members): self.members.formUnion(members)
            case .removeInput(let input): self.input.formUnion(input)
            case .removePictures:
                input.insert(.video)
                removesPictures = true
            case .keepInput(let input): onlyInput = input
            case .answers(let answers): self.answers = answers
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
        return rest.isEmptied ? nil : editor.edits.applied(to: bytes)
    }

    /// A top-level member, at its value.
    private func message(
        _ editor: inout JSONEditor, _ name: Name, _ bytes: Span<UInt8>
    ) throws(Malformed) -> JSONEditor.Fate {
        if let member = ClientMessage.Members(name), members.contains(member) {
            return try editor.pass(bytes, depth: 1, .remove)
        }
        if let onlyInput {
            guard name == .realtimeInput else { return try editor.pass(bytes, depth: 1, .remove) }
            return try keep(onlyInput, &editor, bytes)
        }
        switch name {
        case .realtimeInput where !input.isEmpty:
            let rest = try editor.object(bytes, depth: 1) { editor, key throws(Malformed) in
                let kind = ClientMessage.Input(key.name(bytes))
                let isNamed = kind.map(input.contains) ?? false
                guard removesPictures, kind == .mediaChunks, !isNamed else {
                    return try editor.pass(bytes, depth: 2, isNamed ? .remove : .keep)
                }
                return try editor.list(bytes, depth: 2) { editor, _ throws(Malformed) in
                    let blob = try Blob.read(&editor.cursor, bytes, depth: 3)
                    return blob.isPresent && !blob.isAudio ? .remove : .keep
                }.fate
            }
            return rest?.fate ?? .keep
        case .toolResponse where !answers.isEmpty:
            let rest = try editor.object(bytes, depth: 1) { editor, key throws(Malformed) in
                key.name(bytes) == .functionResponses
                    ? try editor.elements(bytes, depth: 2, answers)
                    : try editor.pass(bytes, depth: 2, .keep)
            }
            return rest?.fate ?? .keep
        default: return try editor.pass(bytes, depth: 1, .keep)
        }
    }
}

extension ClientEdits {
    private func keep(
        _ input: ClientMessage.Input, _ editor: inout JSONEditor, _ bytes: Span<UInt8>
    ) throws(Malformed) -> JSONEditor.Fate {
        let rest = try editor.object(bytes, depth: 1) { editor, key throws(Malformed) in
            let kind = ClientMessage.Input(key.name(bytes))
            let isNamed = kind.map(input.contains) ?? false
            return try editor.pass(bytes, depth: 2, isNamed ? .keep : .remove)
        }
        return rest?.fate ?? .remove
    }
}

extension ClientMessage.Members {
    /// nil if the name is not a member.
    init?(_ name: Name) {
        switch name {
        case .setup: self = .setup
        case .clientContent: self = .clientContent
        case .realtimeInput: self = .realtimeInput
        case .toolResponse: self = .toolResponse
        case .contextUpdate: self = .contextUpdate
        default: return nil
        }
    }
}

extension ClientMessage.Input {
    /// nil if the name is not a part of `realtimeInput`.
    init?(_ name: Name) {
        switch name {
        case .audio: self = .audio
        case .video: self = .video
        case .text: self = .text
        case .mediaChunks: self = .mediaChunks
        case .audioStreamEnd: self = .audioStreamEnd
        case .activityStart: self = .activityStart
        case .activityEnd: self = .activityEnd
        default: return nil
        }
    }
}
