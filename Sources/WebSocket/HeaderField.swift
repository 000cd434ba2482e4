import Basics

/// One header field, name and value as sent.
public struct HeaderField: Equatable, Sendable {
    /// A token: ASCII, never empty.
    public let name: String
    /// Without surrounding white space. Bytes, because a value need not be UTF-8; contains no
    /// control byte except the tab, so it cannot end its line.
    public let value: [UInt8]

    /// nil if name or value are not legal in a head.
    public init?(_ name: String, _ value: String) {
        self.init(name, Array(value.utf8))
    }

    /// nil if name or value are not legal in a head.
    public init?(_ name: String, _ value: [UInt8]) {
        guard isToken(name.utf8), value.allSatisfy(isFieldByte) else { return nil }
        self.init(parsedName: name, value: Array(trimmed(value[...])))
    }

    init(parsedName name: String, value: [UInt8]) {
        self.name = name
        self.value = value
    }

    /// The value for display, repaired if it is not UTF-8.
    public var text: String { String(decoding: value, as: UTF8.self) }

    public func isNamed(_ other: String) -> Bool {
        name.utf8.count == other.utf8.count && starts(with: other)
    }

    /// Whether its name begins like this, ignoring case.
    func starts(with prefix: String) -> Bool {
        // By bytes: every name of a head is compared with dozens.
        let (name, prefix) = (name.utf8Span.span, prefix.utf8Span.span)
        guard name.count >= prefix.count else { return false }
        for index in prefix.indices where lowercased(name[index]) != lowercased(prefix[index]) {
            return false
        }
        return true
    }

    /// Calls `body` with the members of a comma-separated value, without empty ones, until it
    /// returns false.
    func visitMembers(_ body: (ArraySlice<UInt8>) -> Bool) {
        var start = 0
        while start < value.count {
            let end = value[start...].firstIndex(of: UInt8(ascii: ",")) ?? value.count
            let member = trimmed(value[start..<end])
            if !member.isEmpty, !body(member) { return }
            start = end + 1
        }
    }
}

/// The header fields of a head, in order of arrival.
public struct HeaderFields: Equatable, Sendable {
    public var fields: [HeaderField]

    public init(_ fields: [HeaderField] = []) { self.fields = fields }

    /// Every field with that name, ignoring case.
    public func all(_ name: String) -> [HeaderField] { fields.filter { $0.isNamed(name) } }

    /// The text of the first field with that name.
    public func first(_ name: String) -> String? {
        fields.first { $0.isNamed(name) }?.text
    }

    /// The comma-separated members of all fields with that name, without empty ones.
    public func list(_ name: String) -> [String] {
        var list: [String] = []
        for field in fields where field.isNamed(name) {
            field.visitMembers { member in
                list.append(String(decoding: member, as: UTF8.self))
                return true
            }
        }
        return list
    }

    /// Whether a list-valued field such as `Connection` has this member, ignoring case.
    public func list(_ name: String, contains member: String) -> Bool {
        var isThere = false
        for field in fields where !isThere && field.isNamed(name) {
            field.visitMembers { other in
                isThere = equalIgnoringCase(other, member.utf8)
                return !isThere
            }
        }
        return isThere
    }
}

// RFC 9110 section 5.6.2.
func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"),
        UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
        UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"),
        UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
        true
    default: false
    }
}

func isToken(_ bytes: some Sequence<UInt8>) -> Bool {
    var isEmpty = true
    for byte in bytes {
        guard isTokenByte(byte) else { return false }
        isEmpty = false
    }
    return !isEmpty
}

/// The bytes of a field value: anything visible, space, tab, and bytes above 7F.
func isFieldByte(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == 0x09 }

func equalIgnoringCase(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) -> Bool {
    a.count == b.count && a.elementsEqual(b) { lowercased($0) == lowercased($1) }
}

func lowercased(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
}

/// `bytes` without spaces and tabs at either end.
func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes.drop { $0 == 0x20 || $0 == 0x09 }
    while bytes.last == 0x20 || bytes.last == 0x09 { bytes.removeLast() }
    return bytes
}
