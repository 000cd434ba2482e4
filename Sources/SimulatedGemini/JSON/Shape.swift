/// The fields of one protobuf message, by their JSON names.
struct Shape: Sendable {
    struct Field: Sendable {
        var name: String
        var type: FieldType
        var isVertexOnly = false
    }

    var fields: [Field]

    init(_ fields: [(String, FieldType)], vertex: [(String, FieldType)] = []) {
        self.fields =
            fields.map { Field(name: $0.0, type: $0.1) }
            + vertex.map { Field(name: $0.0, type: $0.1, isVertexOnly: true) }
    }
}

indirect enum FieldType: Sendable {
    case text, flag, integer, number, bytes
    /// One of these names.
    case choice([String])
    /// Any JSON value.
    case any
    /// Any JSON object: `google.protobuf.Struct`.
    case object
    case list(FieldType)
    /// An object with keys chosen by the user.
    case map(FieldType)
    case message(@Sendable () -> Shape)
}

/// What protobuf's JSON reader says about a message it refuses.
struct ShapeFailure: Error, Equatable {
    enum Kind { case unknownField, wrongType, notExactlyOne }
    var kind: Kind
    var reason: String
}

extension JSONTree {
    /// Checks the whole document against `shape`, as proto3 JSON does.
    func check(
        _ shape: Shape, isVertex: Bool, in bytes: Span<UInt8>
    ) throws(ShapeFailure) {
        guard kind(JSONTree.root) == .object else {
            throw ShapeFailure(
                kind: .wrongType, reason: "Invalid JSON payload received. Expected an object.")
        }
        try checkMessage(JSONTree.root, shape, path: "", isVertex: isVertex, in: bytes)
    }

    private func checkMessage(
        _ node: Int, _ shape: Shape, path: String, isVertex: Bool, in bytes: Span<UInt8>
    ) throws(ShapeFailure) {
        var seen: UInt64 = 0
        var key = node + 1
        while key < nodes[node].end {
            let value = key + 1
            guard
                let index = shape.fields.firstIndex(where: { isKey(key, $0.name, in: bytes) }),
                isVertex || !shape.fields[index].isVertexOnly
            else {
                let place = path.isEmpty ? "" : " at '\(path)'"
                throw ShapeFailure(
                    kind: .unknownField,
                    reason: "Invalid JSON payload received. Unknown name "
                        + "\"\(text(key, in: bytes))\"\(place): Cannot find field.")
            }
            guard seen & 1 << UInt64(index) == 0 else {
                throw ShapeFailure(
                    kind: .wrongType,
                    reason: "Invalid JSON payload received. Field "
                        + "'\(shape.fields[index].name)' is set twice.")
            }
            seen |= 1 << UInt64(index)
            if nodes[value].kind != .null {
                let field = shape.fields[index]
                try checkValue(
                    value, field.type, isVertex: isVertex, in: bytes,
                    path: { JSONTree.join(path, field.name) })
            }
            key = nodes[value].end
        }
    }

    private func checkValue(
        _ node: Int, _ type: FieldType, isVertex: Bool, in bytes: Span<UInt8>,
        path: () -> String
    ) throws(ShapeFailure) {
        let kind = nodes[node].kind
        let isRight: Bool
        switch type {
        case .any: isRight = true
        case .object: isRight = kind == .object
        case .text: isRight = kind == .string
        case .flag: isRight = kind == .yes || kind == .no
        case .number: isRight = number(node, in: bytes) != nil
        case .integer:
            let value = number(node, in: bytes)
            isRight = value.map { $0.rounded() == $0 && $0.magnitude < 0x1p63 } ?? false
        case .bytes:
            isRight =
                kind == .string
                && Base64.isReadable(bytes, nodes[node].lower..<nodes[node].upper)
        case .choice(let names):
            isRight = kind == .number || (kind == .string && names.contains(text(node, in: bytes)))
        case .list(let element):
            for child in elements(of: node) {
                try checkValue(child, element, isVertex: isVertex, in: bytes, path: path)
            }
            isRight = kind == .array
        case .map(let element):
            let place = path()
            try forEachMember(of: node) { (_, value) throws(ShapeFailure) in
                try checkValue(value, element, isVertex: isVertex, in: bytes) { place }
            }
            isRight = kind == .object
        case .message(let shape):
            isRight = kind == .object
            if isRight {
                let place = path()
                try checkMessage(node, shape(), path: place, isVertex: isVertex, in: bytes)
            }
        }
        guard isRight else {
            let value = String(text(node, in: bytes).prefix(40))
            throw ShapeFailure(
                kind: .wrongType, reason: "Invalid value at '\(path())': \"\(value)\"")
        }
    }

    /// Paths in refusals use the original snake_case names.
    private static func join(_ path: String, _ name: String) -> String {
        var snake = ""
        for letter in name.unicodeScalars {
            if (0x41...0x5a).contains(letter.value) {
                snake.unicodeScalars.append("_")
                snake.unicodeScalars.append(Unicode.Scalar(UInt8(letter.value) | 0x20))
            } else {
                snake.unicodeScalars.append(letter)
            }
        }
        return path.isEmpty ? snake : "\(path).\(snake)"
    }
}
