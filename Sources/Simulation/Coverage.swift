import Sessions

/// What a set of runs reached, by name: a branch that no run reaches is not tested.
public enum Coverage {
    /// The fact, and its kind if kinds have names: `stalled`, `stalled.no_output`.
    static func names(of fact: Fact) -> [String] {
        let mirror = Mirror(reflecting: fact)
        guard let child = mirror.children.first, let label = child.label else { return ["\(fact)"] }
        var names = [label]
        var values = Mirror(reflecting: child.value).children.map(\.value)
        if values.isEmpty { values = [child.value] }
        for case let kind as any RawRepresentable in values + [child.value] {
            if let word = kind.rawValue as? String { names.append("\(label).\(word)") }
        }
        return names
    }
}
