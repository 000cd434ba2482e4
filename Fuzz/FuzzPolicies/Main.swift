import Basics
import Policies
import YAML

/// libFuzzer's entry: any bytes as a tenant's policy, as the default and as models; either they are blamed
/// with a place in the file, or policies come of them that explain themselves.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    for name in ["acme.yaml", "default.yaml", "models.yaml"] {
        switch read(input, as: name) {
        case .success(let set):
            for tenant in set.all {
                precondition(!Documents.effective(tenant.policy).isEmpty)
            }
        case .failure(let complaints):
            precondition(!complaints.list.isEmpty)
            for complaint in complaints.list {
                precondition(complaint.place.line >= 0 && complaint.place.column >= 0)
                precondition(!complaint.message.isEmpty)
            }
        }
    }
    return 0
}

private func read(_ bytes: [UInt8], as name: String) -> Result<PolicySet, Complaints> {
    do throws(Complaints) {
        let tree = try TreeReader.read(bytes, file: name)
        return .success(try PolicyReader.read([PolicyFile(path: name, content: .success(tree))]))
    } catch {
        return .failure(error)
    }
}
