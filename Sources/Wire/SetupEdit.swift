import Basics

/// One change to a `setup` message. Only the affected spans are cut or inserted; all other bytes
/// stay as the client sent them.
public enum SetupEdit: Equatable, Sendable {
    /// Removes the field at a wire path (`"generationConfig.thinkingConfig"`), in either spelling,
    /// with its comma. Does nothing if there is no such field.
    case remove(String)
    /// Sets or replaces `sessionResumption.handle`.
    case setHandle(String)
    /// Inserts `"sessionResumption":{}` if it is absent or null.
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
    /// Applies `edits` to the bytes of a `setup` message in one pass, with the same result as one
    /// after the other. A message without a `setup` object is returned unchanged.
    ///
    /// Throws if a name that an edit looks for is there twice, in the same spelling or in both: it
    /// is unknown which one the service reads, so no edit of it would be reliable.
    public static func edit(
        _ bytes: Span<UInt8>, _ edits: [SetupEdit]
    ) throws(Malformed) -> EditedSetup {
        var plan = SetupPlan()
        for edit in edits { try plan.add(edit) }
        return try plan.applied(to: bytes)
    }

    /// The message without its `sessionResumption`, as `edit` leaves it.
    public static func withoutResumption(_ bytes: Span<UInt8>) throws(Malformed) -> [UInt8] {
        var plan = forgetting
        return try plan.applied(to: bytes).bytes
    }

    /// Made once: every session's setup is compared without it.
    private static let forgetting: SetupPlan = {
        var plan = SetupPlan()
        try? plan.add(.remove("sessionResumption"))
        return plan
    }()
}
