import Basics
import Policies

/// `turnkeeper check`: what `serve` would say about its policies, without serving.
public enum Check {
    /// What to print, and the exit status: 0, or 2 if a policy is wrong.
    ///
    /// - Parameter isStrict: An absent directory counts as wrong, too.
    /// - Parameter isDefault: The directory was not given explicitly, so it may be absent.
    public static func run(
        _ directory: String, isDefault: Bool = false, isStrict: Bool = false
    ) -> (lines: [String], exitCode: Int32) {
        if isDefault, !PolicyDirectory.exists(directory) {
            return (
                [
                    "there is no directory \(directory): the built-in defaults are in force, and serve "
                        + "everyone with their own key; to check another: --policies DIR"
                ], isStrict ? 2 : 0
            )
        }
        let result =
            isDefault
            ? PolicyDirectory.loadIfPresent(directory) : PolicyDirectory.load(directory)
        switch result {
        case .failure(let complaints):
            return (complaints.list.map(\.description), 2)
        case .success(let set):
            let names = (set.defaultTenant.map { [$0] } ?? []) + set.tenants
            let count = names.count == 1 ? "1 policy" : "\(names.count) policies"
            var lines = [
                "\(count) ok: \(names.map(\.policy.tenant).joined(separator: ", "))",
                "\(set.profiles.families.count) model families ok",
            ]
            if set.defaultTenant == nil {
                lines.append(
                    "no default.yaml: a client without a tenant's key is refused: a WebSocket is "
                        + "closed with 1007, REST gets 401")
            }
            return (lines, 0)
        }
    }
}
