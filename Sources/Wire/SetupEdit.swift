import Basics

/// One change to a `setup` message. Only the spans concerned are cut or inserted; all other bytes
/// stay as the client sent them.
public enum SetupEdit: Equatable, Sendable {
    /// Removes the field at a wire path (`"generationConfig.thinkingConfig"`), in either casing,
    /// with its comma. No such field: no change.
    case remove(String)
    /// Sets or replaces `sessionResumption.handle`.
    case setHandle(String)
    /// Inserts `"sessionResumption":{}` if there is none, or in place of a null.
    case insertSessionResumption
    case setModel(String)
    /// Sets or replaces `historyConfig.initialHistoryInClientContent`.
    case setInitialHistory(Bool)
    /// Sets or replaces the field at a wire path with a piece of JSON.
    case set(String, [UInt8])
}

/// A `setup` message after its edits.
public struct EditedSetup: Equatable, Sendable {
    public var bytes: [UInt8]
    /// Wire paths of the edits that changed something, in camelCase, without `setup.`.
    public var touched: [String]
}

extension Setup {
    /// Applies `edits` to the bytes of a `setup` message, all in one pass, with what would come of
    /// making them one after the other. A message without a `setup` object comes back as it was.
    ///
    /// Throws where a name that an edit looks for stands there twice, in one spelling or in two:
    /// which of them the service reads nobody knows, so no edit of it could be relied upon.
    public static func edit(
        _ bytes: Span<UInt8>, _ edits: [SetupEdit]
    ) throws(Malformed) -> EditedSetup {
        var plan = SetupPlan()
        for edit in edits { try plan.add(edit) }
        return try plan.applied(to: bytes)
    }
}
