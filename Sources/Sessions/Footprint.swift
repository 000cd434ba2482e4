import Basics

/// What it takes of memory to keep something. Of what is small, the bytes are the lesser part: peers
/// choose how small their messages are, so whatever a session keeps is counted by this.
enum Footprint {
    /// An array's header, and what the allocator rounds up to.
    static let block = 48
    /// A string as short as that is kept in its place.
    private static let shortText = 15

    static func of(_ bytes: [UInt8]) -> Int { bytes.isEmpty ? 0 : bytes.count + block }

    static func of(_ text: String) -> Int {
        text.utf8.count <= shortText ? 0 : text.utf8.count + block
    }

    /// A list of so many, without what its elements refer to.
    static func of<Element>(_ count: Int, _ type: Element.Type) -> Int {
        count * MemoryLayout<Element>.stride
    }

    static func of(_ texts: [String]) -> Int {
        texts.reduce(of(texts.count, String.self)) { $0 + of($1) }
    }

    static func of(_ pieces: [[UInt8]]) -> Int {
        pieces.reduce(of(pieces.count, [UInt8].self)) { $0 + of($1) }
    }
}

extension OutboundMessage {
    /// In a list of what waits.
    var footprint: Int { Footprint.of(1, Self.self) + Footprint.of(kept ?? []) }

    /// The same, once the current message is kept.
    func footprint(_ payload: Span<UInt8>) -> Int {
        Footprint.of(1, Self.self) + Footprint.block + (kept?.count ?? payload.count)
    }
}
