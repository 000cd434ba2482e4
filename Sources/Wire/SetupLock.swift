import Basics

/// What a token fixes in the setups presented with it, as on the service: its own setup instead of
/// the client's or, with a mask, single fields of it.
public struct SetupLock: Equatable, Sendable {
    /// The token's `bidiGenerateContentSetup`, with braces; empty if there is none.
    public var setup: [UInt8]
    /// Paths in lowerCamelCase, such as `generationConfig.temperature`, each once.
    public let mask: [String]

    public init(setup: [UInt8] = [], mask: [String] = []) {
        self.setup = setup
        var seen: Set<String> = []
        self.mask = mask.map(Name.camel).filter { seen.insert($0).inserted }
    }

    /// Memory that it takes, in bytes.
    public var size: Int {
        mask.reduce(setup.count) { $0 + MemoryLayout<String>.stride + $1.utf8.count }
    }

    public var isEmpty: Bool { setup.isEmpty && mask.isEmpty }

    /// The message to send in place of the client's. A masked field that the token does not set
    /// falls back to the service's default. Throws if the message has a duplicate field, because
    /// then it would be unclear whether the lock holds.
    public func apply(to message: Span<UInt8>) throws(Malformed) -> [UInt8] {
        if let twin = try Twins.find(inSetup: message) { throw Malformed(.twins, at: twin) }
        let own = self.message
        if mask.isEmpty {
            return setup.isEmpty
                ? [UInt8](copying: message) : try keepingHandle(of: message, own)
        }
        var plan = try SetupPlan(of: mask, own.span)
        return try plan.applied(to: message).bytes
    }

    /// Whether a message would change the instruction or the tools that the lock fixes, after the
    /// setup or beside it. If it has several members, or several values for one, it is unknown
    /// which one the service reads: the service accepts no such message, and no lock could be
    /// applied to all of them.
    public func forbids(_ message: ClientMessage, in payload: Span<UInt8>) -> Bool {
        let members = message.members.subtracting(.ambiguous)
        // `apply` reports the duplicates of a setup, with another reason.
        if members == .setup { return false }
        guard members == message.members, members.rawValue.nonzeroBitCount <= 1 else {
            return !isEmpty
        }
        let value = message.value
        if message.members.contains(.contextUpdate) {
            return fixes("systemInstruction")
                && ContextReader.systemInstruction(value, in: payload) != nil
                || fixes("tools") && ContextReader.tools(value, in: payload) != nil
        }
        guard message.members.contains(.clientContent), fixes("systemInstruction") else {
            return false
        }
        var reader = ContentReader(value, in: payload)
        while let turn = reader.nextTurn(in: payload) { if turn.role == .system { return true } }
        return false
    }

    private func fixes(_ field: String) -> Bool {
        guard !mask.isEmpty else { return !setup.isEmpty }
        return mask.contains { $0 == field || $0.hasPrefix("\(field).") }
    }

    /// The token's own setup as a message.
    var message: [UInt8] {
        Array(#"{"setup":"#.utf8) + (setup.isEmpty ? Array("{}".utf8) : setup)
            + [UInt8(ascii: "}")]
    }

    /// A resumed session continues under the token's setup.
    private func keepingHandle(
        of message: Span<UInt8>, _ own: [UInt8]
    ) throws(Malformed) -> [UInt8] {
        let asked = try Setup.read(message)
        guard case .present(let range) = asked.handle else { return own }
        let handle = JSONText.unescape(message, range)
        return try Setup.edit(own.span, [.setHandle(handle)]).bytes
    }
}
