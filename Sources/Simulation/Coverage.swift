import Sessions

/// What a set of runs came across, by name: a branch nobody reaches is tested by nobody.
public enum Coverage {
    /// The fact, and what kind of it where kinds have names: `stalled`, `stalled.no_output`.
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
