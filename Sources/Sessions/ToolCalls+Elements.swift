import Basics
import Wire

// Calls and results as elements of messages.
extension ToolCalls {
    static func key(_ call: ToolCall, _ payload: Span<UInt8>) -> UInt64 {
        var hash = FNV1a()
        for range in [call.name, call.args] {
            for index in range.range.clamped(to: 0..<payload.count)
            where payload[index] > 0x20 {
                hash.add(payload[index])
            }
            hash.add(0x1f)
        }
        return hash.value
    }

    static func lastKey(_ call: ToolCall, _ payload: Span<UInt8>) -> UInt64? {
        call.willContinue || call.name.isEmpty || call.args.isEmpty ? nil : key(call, payload)
    }

    static func copy(_ range: ByteRange, _ payload: Span<UInt8>) -> [UInt8] {
        var copy: [UInt8] = []
        Bytes.append(payload.extracting(range.range.clamped(to: 0..<payload.count)), to: &copy)
        return copy
    }

    func isCut(_ id: String) -> Bool {
        calls.contains { $0.id == id && $0.isRefused && $0.hasParts }
    }

    /// A result under another id.
    static func element(_ element: [UInt8], under id: String) -> [UInt8] {
        let message = Compose.toolResponse([element])
        guard let edited = ClientMessage.edit(message.span, [.answers([.ids([id])])]),
            let scanned = try? ClientMessage.scan(edited.span)
        else { return element }
        var reader = ToolReader(answers: scanned.value, in: edited.span)
        return reader.nextAnswer(in: edited.span).map { copy($0.value, edited.span) } ?? element
    }

    /// Complete results in the message.
    static func count(results answers: ByteRange, in payload: Span<UInt8>) -> Int {
        var count = 0
        var reader = ToolReader(answers: answers, in: payload)
        while let answer = reader.nextAnswer(in: payload) { count += answer.willContinue ? 0 : 1 }
        return count
    }

    static func count(cancelled calls: ByteRange, in payload: Span<UInt8>) -> Int {
        var count = 0
        var reader = ToolReader(cancelled: calls, in: payload)
        while reader.nextCancelled(in: payload) != nil { count += 1 }
        return count
    }

    /// Every result in the message has a scheduling that tells the model not to mention it.
    static func isSilent(_ answers: ByteRange, in payload: Span<UInt8>) -> Bool {
        var reader = ToolReader(answers: answers, in: payload)
        while let answer = reader.nextAnswer(in: payload) {
            if answer.scheduling != .silent { return false }
        }
        return true
    }

    /// A result for each call that makes the model continue without it.
    static func refusal(of tool: ByteRange, in payload: Span<UInt8>) -> [UInt8] {
        var elements: [[UInt8]] = []
        var reader = ToolReader(calls: tool, in: payload)
        while let call = reader.nextCall(in: payload) {
            let element = head(
                id: JSONText.unescape(payload, call.id), name: JSONText.unescape(payload, call.name)
            )
            elements.append(
                element + Array(#"{"error":"not now: wait until the user asks"}}"#.utf8))
        }
        return Compose.toolResponse(elements)
    }

    /// A result up to its `response`.
    static func head(id: String, name: String) -> [UInt8] {
        var element = Array(#"{"id":"#.utf8)
        JSONText.append(id, to: &element)
        element += Array(#","name":"#.utf8)
        JSONText.append(name, to: &element)
        return element + Array(#","response":"#.utf8)
    }
}

extension ToolCalls.Call {
    /// The client's answer, or the next piece of it.
    mutating func take(_ answer: ToolAnswer, _ payload: Span<UInt8>) {
        if answer.scheduling != .unspecified { scheduling = answer.scheduling }
        guard answer.willContinue else {
            result = ToolCalls.copy(answer.value, payload)
            responseRange = answer.response.within(answer.value)
            partsRange = answer.parts.within(answer.value)
            return
        }
        pieces += ToolCalls.copy(answer.response, payload) + [UInt8(ascii: " ")]
    }

    /// The result, as JSON; all pieces of a result in pieces.
    var response: [UInt8] { pieces + (result.map { Array($0[responseRange]) } ?? []) }

    var sentence: String { "Result of \(name): \(String(decoding: response, as: UTF8.self))" }

    var inWords: ToolCalls.InWords {
        ToolCalls.InWords(text: sentence, parts: hasParts ? [Array(parts)] : [])
    }

    var hasParts: Bool { !parts.allSatisfy { $0 <= 0x20 } }

    /// Its pictures and files, as JSON without the list's brackets.
    private var parts: ArraySlice<UInt8> {
        guard let list = result?[partsRange], list.first == UInt8(ascii: "[") else {
            return result?[partsRange] ?? []
        }
        return list.dropFirst().dropLast()
    }

    /// The element in the one form every service reads: an object with the result as text.
    var plainResult: [UInt8]? {
        guard result != nil else { return nil }
        var element = ToolCalls.head(id: id, name: name) + Array(#"{"output":"#.utf8)
        JSONText.append(String(decoding: response, as: UTF8.self), to: &element)
        return element + Array("}}".utf8)
    }
}

extension ByteRange {
    /// Relative to what it lies in; empty if it is.
    fileprivate func within(_ whole: ByteRange) -> Range<Int> {
        let start = range.lowerBound - whole.range.lowerBound
        return isEmpty ? 0..<0 : start..<start + count
    }
}
