import Basics
import Wire

/// libFuzzer's entry: any bytes, as a message of either peer, through the readers and the edits.
/// Whatever is accepted must hold only ranges inside itself, and must survive its edits.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let client = Result { () throws(Malformed) in try ClientMessage.scan(input.span) }
    let server = Result { () throws(Malformed) in try ServerMessage.scan(input.span) }
    switch (client, server) {
    case (.success(let client), .success(let server)):
        // A blank at the end changes nothing, but keeps the usual audio from its short cut.
        let longer = input + [UInt8(ascii: " ")]
        precondition((try? ClientMessage.scan(longer.span)) == client)
        checkClient(client, input)
        checkServer(server, input)
        checkEdits(input)
        checkMessageEdits(client, server, input)
    case (.failure(let first), .failure(let second)):
        precondition(first == second, "the grammar is one for both peers")
        precondition(0...count ~= first.offset)
    default: fatalError("accepted of one peer and not of the other")
    }
    checkReaders(ByteRange(0, count), input)
    checkReaders(ByteRange(count / 2, count), input)
    return 0
}

private func checkClient(_ message: ClientMessage, _ input: [UInt8]) {
    for range in [message.value, message.audio, message.text] { check(range, input) }
    precondition(message.audioBytes >= 0 && Int(message.audioBytes) <= input.count)
    precondition(message.audioDuration >= .zero && message.count >= 0)
    checkReaders(message.value, input)
    check(message.audio, isText: input)
    check(message.text, isText: input)
}

private func checkServer(_ message: ServerMessage, _ input: [UInt8]) {
    for range in [message.tool, message.cancellation, message.usage] {
        check(range, input)
        precondition(range.isEmpty || input[range.range].first == UInt8(ascii: "{"))
        checkReaders(range, input)
    }
    for range in [
        message.audio, message.inputText, message.outputText, message.handle,
        message.turnCompleteReason,
    ] {
        check(range, input)
        check(range, isText: input)
    }
    precondition(message.audioBytes >= 0 && Int(message.audioBytes) <= input.count)
    precondition(message.audioDuration >= .zero && message.timeLeft >= .zero)
    _ = VoiceActivity.read(input.span)
}

private func check(_ range: ByteRange, _ input: [UInt8]) {
    precondition(range.lower >= 0 && range.lower <= range.upper && range.upper <= input.count)
}

/// Text between quotes means the same when it is written anew.
private func check(_ range: ByteRange, isText input: [UInt8]) {
    let text = JSONText.unescape(input.span, range, limit: 1 << 20)
    var again: [UInt8] = []
    JSONText.append(text, to: &again)
    let inside = ByteRange(1, again.count - 1)
    precondition(JSONText.unescape(again.span, inside, limit: 1 << 20) == text)
    precondition(JSONText.equals(input.span, range, text))
    _ = Loudness.ofPCM16(base64: input.span, range)
    _ = Base64.decode(input.span.extracting(range.range))
}

private func checkReaders(_ range: ByteRange, _ input: [UInt8]) {
    let bound = input.count + 1
    var calls = ToolReader(calls: range, in: input.span)
    var answers = ToolReader(answers: range, in: input.span)
    var cancelled = ToolReader(cancelled: range, in: input.span)
    var turns = ContentReader(range, in: input.span)
    var inputs = InputReader(range)
    for _ in 0...bound {
        let call = calls.nextCall(in: input.span)
        if let call { for part in [call.id, call.name, call.args] { check(part, input) } }
        let answer = answers.nextAnswer(in: input.span)
        if let answer {
            for part in [answer.id, answer.name, answer.response] { check(part, input) }
        }
        let id = cancelled.nextCancelled(in: input.span)
        if let id { check(id, input) }
        let turn = turns.nextTurn(in: input.span)
        if let turn {
            check(turn.value, input)
            check(turn.text, input)
            precondition(ContentReader.text(of: turn, in: input.span, limit: 64).utf8.count <= 64)
        }
        let member = inputs.next(in: input.span)
        if let member { check(member, input) }
        if call == nil, answer == nil, id == nil, turn == nil, member == nil { break }
    }
    _ = Usage.read(input.span, range)
}

/// Edits of an accepted message lead to an accepted message that says what was asked for; only one
/// that says something twice may be refused.
private func checkEdits(_ input: [UInt8]) {
    guard let setup = try? Setup.read(input.span) else {
        fatalError("what was scanned can be read")
    }
    check(setup.value, input)
    let lock = SetupLock(
        setup: Array(#"{"model":"m","generationConfig":{"topK":1}}"#.utf8),
        mask: ["model", "tools", "generationConfig.topK", "generationConfig.topP"])
    let locked = Result { () throws(Malformed) in try lock.apply(to: input.span) }
    let edited = Result { () throws(Malformed) in
        try Setup.edit(
            input.span,
            [
                .remove("generationConfig.thinkingConfig"), .remove("proactivity"),
                .insertSessionResumption, .setHandle("h\""), .setModel("m"),
                .setInitialHistory(true), .set("generationConfig.topK", [0x31]),
            ])
    }
    if setup.isAmbiguous {
        guard case .failure(let malformed) = locked, malformed.reason == .twins else {
            fatalError("a lock holds no message that says something twice")
        }
        if case .failure(let malformed) = edited { precondition(malformed.reason == .twins) }
        return
    }
    guard case .success(let edited) = edited, case .success(let locked) = locked,
        let again = try? Setup.read(edited.bytes.span), let held = try? Setup.read(locked.span)
    else { fatalError("what says nothing twice can be edited, and read again") }
    precondition(!again.isAmbiguous && !held.isAmbiguous)
    guard !setup.value.isEmpty else {
        precondition(edited.bytes == input && locked == input)
        return
    }
    precondition(held.model == "m" && held.tools.isEmpty && held.functions.isEmpty)
    precondition(again.model == "m" && again.hasSessionResumption && !again.hasThinkingConfig)
    precondition(again.initialHistoryInClientContent && !again.hasProactivity)
    guard case .present(let handle) = again.handle else { fatalError("no handle") }
    precondition(JSONText.equals(edited.bytes.span, handle, "h\""))
}

/// Edits of either peer's messages lead to messages without what was named, and a second time they
/// change nothing.
private func checkMessageEdits(
    _ client: ClientMessage, _ server: ServerMessage, _ input: [UInt8]
) {
    let named: ServerMessage.Content = [
        .audio, .thought, .interrupted, .turnComplete, .inputTranscription, .idle,
    ]
    let edits: [ServerEdit] = [
        .removeContent(named), .remove([.goAway, .usageMetadata]), .handle("h"), .lastConsumed(3),
        .calls([.drop, .ids(["a"])]), .cancelled([.ids(["a", "b"])]),
    ]
    if let once = ServerMessage.edit(input.span, [edits[0], edits[1]]) {
        guard let left = try? ServerMessage.scan(once.span) else {
            fatalError("an edited message is one")
        }
        precondition(left.content.isDisjoint(with: named))
        precondition(left.members.isDisjoint(with: [.goAway, .usageMetadata]))
        precondition(ServerMessage.edit(once.span, [edits[0], edits[1]]) == once)
        precondition(left.ambiguity == server.ambiguity || server.ambiguity)
    }
    for bytes in [
        ServerMessage.edit(input.span, edits), ServerMessage.split(input.span, named).named,
        ServerMessage.split(input.span, named).rest,
    ] { precondition(bytes.map { (try? ServerMessage.scan($0.span)) != nil } ?? true) }

    let rest = ClientMessage.edit(
        input.span, [.removeInput([.text, .activityStart]), .answers([.ids(["a", "b"]), .drop])])
    if let rest {
        guard let left = try? ClientMessage.scan(rest.span) else {
            fatalError("an edited message is one")
        }
        precondition(left.input.isDisjoint(with: [.text, .activityStart]))
    }
    let parts = ClientMessage.split(input.span, endsFirst: input.count % 2 == 0)
    precondition(!parts.isEmpty && parts.count <= 12)
    for part in parts { precondition((try? ClientMessage.scan(part.span)) != nil) }
    if let text = ClientMessage.realtimeText(input.span) {
        guard let converted = try? ClientMessage.scan(text.bytes.span) else {
            fatalError("converted text is a message")
        }
        precondition(converted.input == .text && !converted.text.isEmpty)
        precondition(converted.members.subtracting(.unknown) == .realtimeInput)
    }
}

extension ServerMessage {
    fileprivate var ambiguity: Bool { members.contains(.ambiguous) }
}
