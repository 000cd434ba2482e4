import Basics
import Manual
import Policies
import Wire
import YAML

extension Commands {
    /// The effective policy of a tenant for a model: each value, with its file and line.
    static func explain(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        guard let model = arguments["model"] else {
            throw Arguments.Mistake(
                message: "the effective rules depend on the model: --model is required",
                hint: "turnkeeper explain --tenant \(arguments["tenant"] ?? "default") "
                    + "--model gemini-3.1-flash-live-preview")
        }
        let directory = arguments["policies"] ?? "Policies"
        let read =
            arguments["policies"] == nil
            ? PolicyDirectory.loadIfPresent(directory) : PolicyDirectory.load(directory)
        let set: PolicySet
        switch read {
        case .failure(let complaints):
            for complaint in complaints.list { Output.error(complaint.description) }
            return 2
        case .success(let found): set = found
        }
        // A directory with one tenant leaves no doubt which is meant.
        let only = set.all.count == 1 ? set.all[0].policy.tenant : "default"
        let tenant = arguments["tenant"] ?? only
        guard let lines = set.inForce(tenant: tenant, model: model) else {
            let names = ((set.defaultTenant.map { [$0] } ?? []) + set.tenants).map(\.policy.tenant)
            throw Arguments.Mistake(
                message: "there is no tenant \"\(tenant)\" in \(directory)",
                hint: "turnkeeper explain --model \(model) --tenant "
                    + names.joined(separator: " | "))
        }
        let isAllowed = set.tenant(named: tenant)?.policy.models.allows(modelID(model)) ?? false
        Output.result(
            arguments.has("json")
                ? Explanation.json(lines, tenant: tenant, model: model, isAllowed: isAllowed)
                : Explanation.text(lines, model: model, isAllowed: isAllowed))
        return 0
    }
}

extension PolicySet {
    /// The same as `explain`; where no file says whether anyone is served, with what follows.
    fileprivate func inForce(tenant: String, model: String) -> [Explained]? {
        explain(tenant: tenant, model: model)?.map { line in
            guard let defaultTenant, defaultTenant.policy.tenant == tenant,
                line.path == "match.anyone",
                line.origin == "built-in"
            else { return line }
            var line = line
            line.value = servesEveryone ? "true" : "false"
            line.origin =
                servesEveryone
                ? "built-in: everyone is served, with their own key"
                : "built-in: whoever has no tenant's key is refused, because this policy holds a "
                    + "credential"
            return line
        }
    }
}

/// How `explain` is printed.
private enum Explanation {
    static func text(_ lines: [Explained], model: String, isAllowed: Bool) -> String {
        func width(_ of: (Explained) -> String) -> Int {
            lines.map { of($0).count }.filter { $0 <= 48 }.max() ?? 0
        }
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        let (paths, values) = (width(\.path), width(\.value))
        var rows = lines.map { line in
            padded(line.path, paths) + "  " + padded(line.value, values) + "  " + line.origin
        }
        if !isAllowed { rows.append("\nmodels.allow does not let this tenant use \(model)") }
        return rows.joined(separator: "\n")
    }

    static func json(
        _ lines: [Explained], tenant: String, model: String, isAllowed: Bool
    ) -> String {
        let json = JSONOutput.object { json in
            json.string("tenant", tenant)
            json.string("model", model)
            json.flag("allowed", isAllowed)
            json.objects("values", lines) { json, line in
                json.string("key", line.path)
                json.string("value", line.value)
                json.string("from", line.origin)
            }
        }
        return String(decoding: json, as: UTF8.self)
    }
}
