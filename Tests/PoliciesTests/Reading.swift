import Basics
import Policies
import YAML

/// Reads a whole directory written down in a test: `("acme.yaml", text)`.
func read(_ files: [(name: String, text: String)]) -> Result<PolicySet, Complaints> {
    let parsed = files.map { name, text in
        PolicyFile(path: name, content: tree(text, file: name))
    }
    do throws(Complaints) {
        return .success(try PolicyReader.read(parsed))
    } catch {
        return .failure(error)
    }
}

/// The policy of a lone `default.yaml`.
func readDefault(_ text: String) throws -> Policy? {
    try read([("default.yaml", text)]).get().defaultTenant?.policy
}

func tree(_ text: String, file: String = "x.yaml") -> Result<Tree, Complaints> {
    tree(Array(text.utf8), file: file)
}

func tree(_ bytes: [UInt8], file: String = "x.yaml") -> Result<Tree, Complaints> {
    do throws(Complaints) {
        return .success(try TreeReader.read(bytes, file: file))
    } catch {
        return .failure(error)
    }
}

/// What is wrong, one line each; empty where nothing is.
func complaints<Value>(_ result: Result<Value, Complaints>) -> [String] {
    switch result {
    case .success: []
    case .failure(let complaints): complaints.list.map(\.description)
    }
}
