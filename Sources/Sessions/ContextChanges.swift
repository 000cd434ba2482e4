/// The instruction and the tools that the client has changed in mid-session, until something shows
/// that gemini accepts them: it may close on them, and then on every setup that contains them.
struct ContextChanges {
    private struct Change {
        /// Where in the journal the client made it.
        var id: Journal.ID
        /// JSON, as in a setup.
        var value: [UInt8]
    }

    private var instruction: Change?
    private var tools: Change?

    var isEmpty: Bool { instruction == nil && tools == nil }
    /// Bytes kept.
    var size: Int { Footprint.of(instruction?.value ?? []) + Footprint.of(tools?.value ?? []) }

    var all: Memory.Changes {
        var all = Memory.Changes()
        all.instruction = instruction?.value ?? []
        all.tools = tools?.value ?? []
        return all
    }

    /// The newest of each holds.
    mutating func note(_ new: Memory.Changes, at id: Journal.ID) {
        if !new.instruction.isEmpty { instruction = Change(id: id, value: new.instruction) }
        if !new.tools.isEmpty { tools = Change(id: id, value: new.tools) }
    }

    /// The message made one of them.
    func contains(_ id: Journal.ID) -> Bool { instruction?.id == id || tools?.id == id }

    /// Gemini closed on this message, if it made any change.
    mutating func refuse(_ id: Journal.ID) {
        if instruction?.id == id { instruction = nil }
        if tools?.id == id { tools = nil }
    }

    /// Removes and returns those that a connection has accepted.
    ///
    /// - Parameter known: What it knows; nil if it was set up with all of them.
    mutating func takeAccepted(_ known: IDSet?) -> Memory.Changes {
        var accepted = self
        if let known {
            if let id = instruction?.id, !known.contains(id) { accepted.instruction = nil }
            if let id = tools?.id, !known.contains(id) { accepted.tools = nil }
        }
        if accepted.instruction != nil { instruction = nil }
        if accepted.tools != nil { tools = nil }
        return accepted.all
    }
}
