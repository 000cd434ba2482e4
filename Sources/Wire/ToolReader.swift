public import Basics

/// One element of `toolCall.functionCalls`. Strings are without quotes, escapes unchanged.
public struct ToolCall: Equatable, Sendable, BitwiseCopyable {
    /// The whole element, with braces.
    public var value = ByteRange.none
    /// Empty if the service gave none.
    public var id = ByteRange.none
    public var name = ByteRange.none
    /// Value of `args`, with braces.
    public var args = ByteRange.none
    /// More of the call follows under the same id, in another message: its arguments come in pieces
    /// (`partialArgs`). The call is complete when this is false.
    public var willContinue = false

    public init() {}
}

/// One element of `toolResponse.functionResponses`. Strings are without quotes, escapes unchanged.
public struct ToolAnswer: Equatable, Sendable, BitwiseCopyable {
    public enum Scheduling: UInt8, Sendable, BitwiseCopyable {
        case unspecified, silent, whenIdle, interrupt
    }

    /// The whole element, with braces.
    public var value = ByteRange.none
    public var id = ByteRange.none
    public var name = ByteRange.none
    /// Value of `response`, with braces.
    public var response = ByteRange.none
    /// Value of `parts`, with brackets: pictures and files beside the response.
    public var parts = ByteRange.none
    /// The generator continues: this answer leaves the call open.
    public var willContinue = false
    /// Beside the response, or in it.
    public var scheduling = Scheduling.unspecified

    public init() {}
}

/// Reads the elements of a tool message one by one, without building anything.
///
///     var reader = ToolReader(calls: message.tool, in: bytes)
///     while let call = reader.nextCall(in: bytes) { ... }
public struct ToolReader: Sendable {
    private var elements: ElementReader

    /// - Parameter value: The value of `toolCall`: `ServerMessage.tool`.
    public init(calls value: ByteRange, in bytes: Span<UInt8>) {
        elements = ElementReader(.functionCalls, of: value, in: bytes)
    }

    /// - Parameter value: The value of `toolResponse`: `ClientMessage.value`.
    public init(answers value: ByteRange, in bytes: Span<UInt8>) {
        elements = ElementReader(.functionResponses, of: value, in: bytes)
    }

    /// - Parameter value: The value of `toolCallCancellation`: `ServerMessage.cancellation`.
    public init(cancelled value: ByteRange, in bytes: Span<UInt8>) {
        elements = ElementReader(.ids, of: value, in: bytes)
    }

    public mutating func nextCall(in bytes: Span<UInt8>) -> ToolCall? {
        elements.next(in: bytes) { cursor throws(Malformed) in
            var call = ToolCall()
            _ = cursor.next(bytes)
            let start = cursor.at
            _ = try cursor.members(bytes, depth: 0) {
                cursor, name throws(Malformed) in
                switch name {
                case .id: call.id = try cursor.string(bytes, depth: 0)?.range ?? .none
                case .name: call.name = try cursor.string(bytes, depth: 0)?.range ?? .none
                case .args: call.args = try cursor.value(bytes, depth: 0)
                case .willContinue: call.willContinue = try cursor.bool(bytes, depth: 0) == true
                default: try cursor.skip(bytes, depth: 0)
                }
            }
            call.value = ByteRange(start, cursor.at)
            return call
        }
    }

    public mutating func nextAnswer(in bytes: Span<UInt8>) -> ToolAnswer? {
        elements.next(in: bytes) { cursor throws(Malformed) in
            var answer = ToolAnswer()
            _ = cursor.next(bytes)
            let start = cursor.at
            _ = try cursor.members(bytes, depth: 0) {
                cursor, name throws(Malformed) in
                switch name {
                case .id: answer.id = try cursor.string(bytes, depth: 0)?.range ?? .none
                case .name: answer.name = try cursor.string(bytes, depth: 0)?.range ?? .none
                case .response: answer.response = try cursor.value(bytes, depth: 0)
                case .parts: answer.parts = try cursor.value(bytes, depth: 0)
                case .willContinue:
                    answer.willContinue = try cursor.bool(bytes, depth: 0) == true
                case .scheduling:
                    let range = try cursor.string(bytes, depth: 0)?.range ?? .none
                    answer.scheduling = ToolAnswer.Scheduling(bytes, range)
                default: try cursor.skip(bytes, depth: 0)
                }
            }
            answer.value = ByteRange(start, cursor.at)
            if answer.scheduling == .unspecified, !answer.response.isEmpty {
                answer.scheduling = Self.scheduling(within: answer.response, bytes)
            }
            return answer
        }
    }

    /// Google's guides put it into the response (wire reference 6.4), its reference beside it.
    private static func scheduling(
        within response: ByteRange, _ bytes: Span<UInt8>
    ) -> ToolAnswer.Scheduling {
        var scheduling = ToolAnswer.Scheduling.unspecified
        var cursor = JSONCursor(at: max(0, Int(response.lower)))
        _ = try? cursor.members(bytes, depth: 0) { cursor, name throws(Malformed) in
            guard name == .scheduling else { return try cursor.skip(bytes, depth: 0) }
            let range = try cursor.string(bytes, depth: 0)?.range ?? .none
            scheduling = ToolAnswer.Scheduling(bytes, range)
        }
        return scheduling
    }

    /// The id, without quotes.
    public mutating func nextCancelled(in bytes: Span<UInt8>) -> ByteRange? {
        elements.next(in: bytes) { cursor throws(Malformed) in
            try cursor.string(bytes, depth: 0)?.range ?? .none
        }
    }
}

extension ToolAnswer.Scheduling {
    fileprivate init(_ bytes: Span<UInt8>, _ range: ByteRange) {
        if JSONText.equals(bytes, range, "SILENT") {
            self = .silent
        } else if JSONText.equals(bytes, range, "WHEN_IDLE") {
            self = .whenIdle
        } else if JSONText.equals(bytes, range, "INTERRUPT") {
            self = .interrupt
        } else {
            self = .unspecified
        }
    }
}

/// Reads the elements of one list inside an object that a scan found well-formed. Other bytes only
/// make it end early.
struct ElementReader: Sendable {
    private var cursor: JSONCursor
    private var list = JSONCursor.List.end

    /// Moves to the first element of the list called `name`.
    init(_ name: Name, of value: ByteRange, in bytes: Span<UInt8>) {
        cursor = JSONCursor(at: max(0, Int(value.lower)))
        if value.isEmpty { return }
        do {
            guard try cursor.enter(bytes, depth: 0) else { return }
            var key = try cursor.firstKey(bytes)
            while let member = key {
                if member.name == name {
                    list = try cursor.enterList(bytes, depth: 0)
                    return
                }
                try cursor.skip(bytes, depth: 0)
                key = try cursor.nextKey(bytes)
            }
        } catch {
            list = .end
        }
    }

    mutating func next<Element>(
        in bytes: Span<UInt8>, _ read: (inout JSONCursor) throws(Malformed) -> Element
    ) -> Element? {
        if list == .end { return nil }
        do {
            let element = try read(&cursor)
            list = try cursor.advance(list, bytes)
            return element
        } catch {
            list = .end
            return nil
        }
    }
}
