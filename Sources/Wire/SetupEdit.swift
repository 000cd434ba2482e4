/// One change to a `setup` message. Only the spans concerned are cut or inserted; all other bytes
/// stay as the client sent them.
public enum SetupEdit: Equatable, Sendable {
    /// Removes the field at a wire path (`"generationConfig.thinkingConfig"`), in either casing,
    /// with its comma. No such field: no change.
    case remove(String)
    /// Sets or replaces `sessionResumption.handle`.
    case setHandle(String)
    /// Inserts `"sessionResumption":{}` if there is none.
    case insertSessionResumption
    case setModel(String)
    /// Sets or replaces `historyConfig.initialHistoryInClientContent`.
    case setInitialHistory(Bool)
}

/// A `setup` message after its edits.
public struct EditedSetup: Equatable, Sendable {
    public var bytes: [UInt8]
    /// Wire paths of the edits that changed something, in camelCase, without `setup.`.
    public var touched: [String]
}

extension Setup {
    /// Applies `edits` in order to the bytes of a `setup` message.
    public static func edit(
        _ bytes: Span<UInt8>, _ edits: [SetupEdit]
    ) throws(Malformed) -> EditedSetup {
        EditedSetup(bytes: [], touched: [])
    }
}
