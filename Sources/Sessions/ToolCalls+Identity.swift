import Basics
import Wire

// Which call is meant. A service may count its calls anew on each connection, so that one id names
// two calls: for gemini they are told apart by connection, and the client knows each by an id of
// its own.
extension ToolCalls {
    /// The call that was made on this connection under that id. One that was only carried over to it
    /// is not: its id may be given to a new call.
    func live(_ id: String, on connection: ConnectionID) -> Int? {
        if id.isEmpty { return nil }
        let hash = id.hashValue
        return calls.indices.first {
            calls[$0].hash == hash && calls[$0].connection == connection
                && !calls[$0].isCarried && calls[$0].geminiID == id
        }
    }

    /// The service gives a new call the id of one that was carried over to this connection, so it
    /// has forgotten that one.
    mutating func giveUp(carried id: String, on connection: ConnectionID) {
        if id.isEmpty { return }
        let hash = id.hashValue
        for index in calls.indices
        where calls[index].hash == hash && calls[index].connection == connection
            && calls[index].geminiID == id && calls[index].isOpen
        {
            calls[index].connection = 0
        }
    }

    /// The id under which the client is shown a new call: gemini's own, unless the client knows
    /// another call by it, for which a result may still come.
    func unused(_ id: String) -> String {
        guard !id.isEmpty else { return id }
        let isTaken = { (id: String) in
            calls.contains { $0.id == id } || settled.contains { $0.id == id }
        }
        var (shown, number) = (id, 2)
        while isTaken(shown) {
            shown = "\(id)-\(number)"
            number += 1
        }
        return shown
    }

    /// The call that the client answers. Several calls may be without an id (Vertex): then it is the
    /// oldest of that name that is not answered.
    func index(of answer: ToolAnswer, _ id: String, _ payload: Span<UInt8>) -> Int? {
        if !id.isEmpty { return calls.firstIndex { $0.id == id } }
        var first: Int?
        for (index, call) in calls.enumerated()
        where call.id.isEmpty && JSONText.equals(payload, answer.name, call.name) {
            if call.isOpen { return index }
            first = first ?? index
        }
        return first
    }

    /// The beginning of a call that may be a repetition: this is unknown until it is complete.
    struct Beginning {
        var id: String
        var connection: ConnectionID
        var key: UInt64
        var pieces: [[UInt8]]

        var size: Int { pieces.reduce(0) { $0 + $1.count } }
        var footprint: Int {
            Footprint.of(1, Self.self) + Footprint.of([id]) + Footprint.of(pieces)
        }
        /// No call justifies such a wait.
        var isOverfull: Bool { size > 65_536 }
    }
}
