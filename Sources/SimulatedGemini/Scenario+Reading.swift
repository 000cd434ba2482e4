public import Basics

extension Scenario {
    /// Names of the scenarios that need no file.
    public static var builtInNames: [String] { builtIn.map(\.name) }

    /// The built-in scenario of that name.
    public static func named(_ name: String) -> Scenario? { builtIn.first { $0.name == name } }

    static var builtIn: [Scenario] { [healthy] }

    /// Reads a scenario file. Throws at the first thing that is not understood.
    public init(_ tree: Tree) throws(Complaint) {
        throw Complaint(tree.place, "a scenario file cannot be read yet")
    }
}
