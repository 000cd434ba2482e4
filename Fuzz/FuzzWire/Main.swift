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
    case (.failure(let first), .failure(let second)):
        precondition(first == second, "the grammar is one for both peers")
        precondition(0...count ~= first.offset)
    default: preconditionFailure("accepted of one peer and not of the other")
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

/// Edits of an accepted message lead to an accepted message that says what was asked for.
private func checkEdits(_ input: [UInt8]) {
    guard let setup = try? Setup.read(input.span),
        let edited = try? Setup.edit(
            input.span,
            [
                .remove("generationConfig.thinkingConfig"), .remove("proactivity"),
                .insertSessionResumption, .setHandle("h\""), .setModel("m"),
                .setInitialHistory(true),
            ])
    else { preconditionFailure("what was scanned can be read and edited") }
    guard let again = try? Setup.read(edited.bytes.span) else {
        preconditionFailure("what was edited can be read")
    }
    check(setup.value, input)
    guard !setup.value.isEmpty, !setup.isAmbiguous, !again.isAmbiguous else { return }
    precondition(again.model == "m" && again.hasSessionResumption && !again.hasThinkingConfig)
    precondition(again.initialHistoryInClientContent && !again.hasProactivity)
    guard case .present(let handle) = again.handle else { preconditionFailure("no handle") }
    precondition(JSONText.equals(edited.bytes.span, handle, "h\""))
}
