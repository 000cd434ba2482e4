import Basics
import Wire

/// The calls gemini made and the results the client gave, remembered for as long as their turn may
/// have to be asked again: a tool is never run twice by our doing, and its result is never thrown
/// away while the call is alive.
struct ToolCalls {
    private struct Call {
        /// As the client knows it.
        var id: String
        var name: String
        /// Name and arguments: a call made again is the same call.
        var key: UInt64
        var at: Instant
        var link: Link
        /// As gemini knows it, where it was made again on a newer connection.
        var alias: String?
        /// The value of `response`, and how it was to be scheduled.
        var response: [UInt8]?
        var scheduling = ToolAnswer.Scheduling.unspecified
        var isCancelled = false
        /// The tool lets the conversation go on.
        var isFree = false
        /// It was made on a connection before this one, which may have forgotten it.
        var isCarried = false
        /// Its turn was asked for twice, so it may be made twice.
        var isSpared = false
        /// It was made once more on the same connection.
        var twins: [String] = []
        /// Nobody waits for it any more, though a result would still be taken.
        var isAbandoned = false

        var geminiID: String { alias ?? id }
        var isOpen: Bool { response == nil && !isCancelled }
    }

    private var calls: [Call] = []
    /// The last results were for a call that somebody waits for.
    private(set) var wasAwaited = false

    private static let limit = 64

    /// The client owes a result that gemini waits for.
    var isWaiting: Bool { calls.contains { $0.isOpen && !$0.isAbandoned } }

    /// Some call that this connection knows of keeps the model from listening. An interruption alone
    /// does not end it: it may be a phantom.
    func block(_ link: Link) -> Bool {
        calls.contains { $0.isOpen && !$0.isFree && $0.link == link }
    }

    // MARK: Gemini's side

    /// What is to become of a message of calls.
    enum Reception {
        case forward
        /// Some were made before: these results go to gemini, and what is left, if anything, to
        /// the client.
        case known(answers: [[UInt8]], rest: [UInt8]?, count: Int)
    }

    /// Calls, as they come. One that was made before on a dead connection, with the same name and
    /// arguments, is not shown to the client again.
    /// `free`: names of the tools that let the conversation go on.
    mutating func called(
        _ tool: ByteRange, in payload: Span<UInt8>, link: Link, free: [String], at now: Instant
    ) -> Reception {
        var answers: [[UInt8]] = []
        var fresh: [ToolCall] = []
        var known = 0
        var reader = ToolReader(calls: tool, in: payload)
        while let call = reader.nextCall(in: payload) {
            let id = JSONText.unescape(payload, call.id)
            let key = Self.key(call, payload)
            if !id.isEmpty,
                let index = calls.firstIndex(where: { $0.geminiID == id || $0.id == id })
            {
                // Delivered twice (failure catalogue 8.4): it is the client's to run once.
                known += 1
                if calls[index].response != nil { answers.append(compose(calls[index], as: id)) }
                continue
            }
            if let index = calls.firstIndex(where: {
                $0.key == key && ($0.link != link || $0.isCarried || $0.isSpared)
                    && !$0.isCancelled
            }) {
                known += 1
                if calls[index].link == link, calls[index].isSpared {
                    // The model waits for both.
                    calls[index].twins.append(id)
                    if calls[index].response != nil {
                        answers.append(compose(calls[index], as: id))
                    }
                    continue
                }
                calls[index].alias = id
                calls[index].link = link
                calls[index].isCarried = false
                calls[index].isSpared = false
                calls[index].twins = []
                calls[index].isAbandoned = false
                if calls[index].response != nil {
                    answers.append(compose(calls[index], as: id))
                }
                continue
            }
            fresh.append(call)
            let name = JSONText.unescape(payload, call.name)
            calls.append(
                Call(
                    id: id, name: name, key: key, at: now, link: link,
                    isFree: free.contains(name)))
            if calls.count > Self.limit { calls.removeFirst() }
        }
        guard known > 0 else { return .forward }
        return .known(
            answers: answers, rest: fresh.isEmpty ? nil : Self.compose(fresh, payload),
            count: known)
    }

    /// `toolCallCancellation`: results for them would find nobody.
    mutating func cancelled(_ cancellation: ByteRange, in payload: Span<UInt8>) {
        var reader = ToolReader(cancelled: cancellation, in: payload)
        while let id = reader.nextCancelled(in: payload) {
            let id = JSONText.unescape(payload, id)
            for index in calls.indices {
                calls[index].twins.removeAll { $0 == id }
                if calls[index].geminiID == id { calls[index].isCancelled = true }
            }
        }
    }

    /// An interruption ends what the model was waiting for.
    mutating func abandon() {
        for index in calls.indices { calls[index].isAbandoned = true }
    }

    /// The turn has its answer: results it was made of need not be remembered, unless a second
    /// answer may follow (`isSpared`). Cancelled ones are, since a result may still come.
    mutating func turnEnded(isSpared: Bool) {
        guard isSpared else { return calls.removeAll { $0.response != nil } }
        for index in calls.indices { calls[index].isSpared = true }
    }

    /// The user asks something else: what is called now is meant.
    mutating func asked() { calls.removeAll { $0.isSpared && $0.response != nil } }

    /// A handle issued after a call was made may have carried it over to a new connection.
    mutating func carriedOver(by handle: Instant, to link: Link) {
        for index in calls.indices where calls[index].at < handle {
            if calls[index].link != link { calls[index].isCarried = true }
            calls[index].link = link
        }
    }

    /// The model may not know what the last result belongs to.
    var lastResultMayBeForeign: Bool {
        calls.last { $0.response != nil }?.isCarried ?? false
    }

    // MARK: The client's side

    enum Verdict {
        case forward
        /// For gemini's own ids, without results nobody waits for.
        case rewrite([UInt8], dropped: Int)
        /// `dead` ones are kept until gemini makes their calls again.
        case keep(dead: Int, dropped: Int)
    }

    /// Results, as the client gives them.
    mutating func answered(
        _ answers: ByteRange, in payload: Span<UInt8>, link: Link
    ) -> Verdict {
        var isTouched = false
        var kept: [[UInt8]] = []
        var dropped = 0
        var dead = 0
        wasAwaited = false
        var reader = ToolReader(answers: answers, in: payload)
        while let answer = reader.nextAnswer(in: payload) {
            let id = JSONText.unescape(payload, answer.id)
            // Calls without an id (Vertex may send such) are told apart by name.
            guard
                let index = calls.firstIndex(where: {
                    $0.id == id
                        && (!id.isEmpty || JSONText.equals(payload, answer.name, $0.name))
                })
            else {
                kept.append(Self.compose(answer, id: id, payload))
                continue
            }
            if calls[index].isCancelled {
                isTouched = true
                dropped += 1
                continue
            }
            if !calls[index].isAbandoned { wasAwaited = true }
            if !answer.willContinue {
                calls[index].response = Self.copy(answer.response, payload)
                calls[index].scheduling = answer.scheduling
            }
            guard calls[index].link == link else {
                isTouched = true
                dead += 1
                continue
            }
            if calls[index].alias != nil { isTouched = true }
            if !calls[index].twins.isEmpty { isTouched = true }
            for id in [calls[index].geminiID] + calls[index].twins {
                kept.append(Self.compose(answer, id: id, payload))
            }
        }
        guard isTouched else { return .forward }
        return kept.isEmpty
            ? .keep(dead: dead, dropped: dropped) : .rewrite(Self.response(kept), dropped: dropped)
    }

    /// A message as it may be sent again on a new connection: as it was, where the calls it answers
    /// are known there; as words, where nobody asks for them; not at all, where the calls will be
    /// made again.
    func replayable(
        _ bytes: [UInt8], link: Link, callsComeAgain: Bool, ask: (String) -> [UInt8]
    ) -> [UInt8]? {
        guard let message = try? ClientMessage.scan(bytes.span),
            message.members.contains(.toolResponse)
        else { return bytes }
        var reader = ToolReader(answers: message.value, in: bytes.span)
        while let answer = reader.nextAnswer(in: bytes.span) {
            let id = JSONText.unescape(bytes.span, answer.id)
            guard let call = calls.last(where: { $0.geminiID == id || $0.id == id }),
                call.link != link
            else { continue }
            return callsComeAgain ? nil : lastResultInWords.map(ask)
        }
        return bytes
    }

    /// Every result of the message is one the model was told not to speak of.
    static func isSilent(_ answers: ByteRange, in payload: Span<UInt8>) -> Bool {
        var reader = ToolReader(answers: answers, in: payload)
        while let answer = reader.nextAnswer(in: payload) {
            if answer.scheduling != .silent { return false }
        }
        return true
    }

    /// The last result as a sentence, for a model that does not know the call any more.
    var lastResultInWords: String? {
        guard let call = calls.last(where: { $0.response != nil }), let response = call.response
        else { return nil }
        return "Result of \(call.name): \(String(decoding: response, as: UTF8.self))"
    }

    /// A result for each of the calls that makes the model do without.
    static func refusal(of tool: ByteRange, in payload: Span<UInt8>) -> [UInt8] {
        var elements: [[UInt8]] = []
        var reader = ToolReader(calls: tool, in: payload)
        while let call = reader.nextCall(in: payload) {
            elements.append(
                element(
                    id: JSONText.unescape(payload, call.id),
                    name: JSONText.unescape(payload, call.name),
                    response: Array(#"{"error":"not now: wait until the user asks"}"#.utf8),
                    scheduling: .unspecified))
        }
        return response(elements)
    }

    // MARK: Writing

    private static func key(_ call: ToolCall, _ payload: Span<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for range in [call.name, call.args] {
            for index in range.range.clamped(to: 0..<payload.count)
            where payload[index] > 0x20 {
                hash = (hash ^ UInt64(payload[index])) &* 0x100_0000_01b3
            }
            hash = (hash ^ 0x1f) &* 0x100_0000_01b3
        }
        return hash
    }

    private static func copy(_ range: ByteRange, _ payload: Span<UInt8>) -> [UInt8] {
        var copy: [UInt8] = []
        Bytes.append(payload.extracting(range.range.clamped(to: 0..<payload.count)), to: &copy)
        return copy
    }

    private func compose(_ call: Call, as id: String) -> [UInt8] {
        let element = Self.element(
            id: id, name: call.name, response: call.response ?? Array("{}".utf8),
            scheduling: call.scheduling)
        return Self.response([element])
    }

    private static func compose(
        _ answer: ToolAnswer, id: String, _ payload: Span<UInt8>
    ) -> [UInt8] {
        element(
            id: id, name: JSONText.unescape(payload, answer.name),
            response: copy(answer.response, payload), scheduling: answer.scheduling,
            willContinue: answer.willContinue)
    }

    private static func element(
        id: String, name: String, response: [UInt8], scheduling: ToolAnswer.Scheduling,
        willContinue: Bool = false
    ) -> [UInt8] {
        var out: [UInt8] = [UInt8(ascii: "{")]
        if !id.isEmpty {
            out.append(contentsOf: #""id":"#.utf8)
            JSONText.append(id, to: &out)
            out.append(UInt8(ascii: ","))
        }
        if !name.isEmpty {
            out.append(contentsOf: #""name":"#.utf8)
            JSONText.append(name, to: &out)
            out.append(UInt8(ascii: ","))
        }
        switch scheduling {
        case .unspecified: break
        case .silent: out.append(contentsOf: #""scheduling":"SILENT","#.utf8)
        case .whenIdle: out.append(contentsOf: #""scheduling":"WHEN_IDLE","#.utf8)
        case .interrupt: out.append(contentsOf: #""scheduling":"INTERRUPT","#.utf8)
        }
        if willContinue { out.append(contentsOf: #""willContinue":true,"#.utf8) }
        out.append(contentsOf: #""response":"#.utf8)
        out += response.isEmpty ? Array("{}".utf8) : response
        out.append(UInt8(ascii: "}"))
        return out
    }

    private static func response(_ elements: [[UInt8]]) -> [UInt8] {
        wrap(elements, Array(#"{"toolResponse":{"functionResponses":["#.utf8))
    }

    private static func compose(_ calls: [ToolCall], _ payload: Span<UInt8>) -> [UInt8] {
        let elements = calls.map { call in
            var out = Array(#"{"id":""#.utf8)
            out += copy(call.id, payload)
            out.append(contentsOf: #"","name":""#.utf8)
            out += copy(call.name, payload)
            out.append(contentsOf: #"","args":"#.utf8)
            out += call.args.isEmpty ? Array("{}".utf8) : copy(call.args, payload)
            out.append(UInt8(ascii: "}"))
            return out
        }
        return wrap(elements, Array(#"{"toolCall":{"functionCalls":["#.utf8))
    }

    private static func wrap(_ elements: [[UInt8]], _ head: [UInt8]) -> [UInt8] {
        var out = head
        for (index, element) in elements.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            out += element
        }
        out.append(contentsOf: "]}}".utf8)
        return out
    }
}
