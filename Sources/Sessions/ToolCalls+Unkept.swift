import Basics
import Wire

// More calls in flight than are remembered. The excess is counted, and costs its results if the
// connection is lost, but is not run twice.
extension ToolCalls {
    struct Unkept {
        /// By name and arguments; looked up only, because the order differs between processes.
        private var keys: [UInt64: ConnectionID] = [:]
        /// The newest connection that made any.
        private var connection: ConnectionID?

        private static let limit = 16_384

        /// Bytes kept.
        var size: Int { Footprint.of(keys.count, (UInt64, ConnectionID).self) }

        mutating func add(_ key: UInt64, on connection: ConnectionID) {
            self.connection = max(self.connection ?? connection, connection)
            if keys.count < Self.limit { keys[key] = connection }
        }

        /// The turn is over: what is called from now on is meant anew.
        mutating func forget() { keys = [:] }

        var isUsed: Bool { !keys.isEmpty }

        /// An earlier connection made this call, and its result is unknown.
        func wasMade(_ key: UInt64, before connection: ConnectionID) -> Bool {
            !keys.isEmpty && keys[key].map { $0 != connection } ?? false
        }

        /// A result for an unknown call may be for one of an earlier connection.
        func isForeign(to connection: ConnectionID) -> Bool {
            self.connection.map { $0 != connection } ?? false
        }
    }

    /// Whether another call can be remembered: answered ones give way to it, whose results are told.
    mutating func hasRoom() -> Bool {
        if calls.count < Self.mostCalls { return true }
        let oldest = calls.indices.first {
            !calls[$0].isOpen && !calls[$0].isDue
                && !(calls[$0].isLeft && !calls[$0].isTold && calls[$0].result != nil)
        }
        guard let oldest else { return false }
        let call = calls.remove(at: oldest)
        if !call.isCancelled { unkept.add(call.key, on: call.connection) }
        return true
    }

    /// A call is made again whose result was not kept: its tool has run, or is running.
    static func unknownResult(of call: ToolCall, id: String, _ payload: Span<UInt8>) -> [UInt8] {
        let why = #"{"error":"it was called before the line was lost; its result is unknown"}}"#
        return head(id: id, name: JSONText.unescape(payload, call.name)) + Array(why.utf8)
    }
}
