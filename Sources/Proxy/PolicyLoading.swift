import Basics
import COpenSSL
import Policies
import Transport
import Wire
import YAML

extension PolicySet {
    /// The policies of a directory, if they may be put in force here, replacing `others` if given.
    static func load(
        _ options: ServerOptions, replacing others: PolicySet? = nil
    ) throws(StartFailure) -> PolicySet {
        let read =
            options.policiesAreNamed
            ? PolicyDirectory.load(options.policies)
            : PolicyDirectory.loadIfPresent(options.policies)
        let found: PolicySet
        switch read {
        case .success(let set): found = set.naming(projects: project)
        case .failure(let complaints):
            throw StartFailure(complaints.list.map(\.description), isMistake: true)
        }
        let unusable = Complaints(found.unusableFiles).list
        guard unusable.isEmpty else {
            throw StartFailure(unusable.map(\.description), isMistake: true)
        }
        try found.checkExposure(options)
        guard let others else { return found }
        // Files may disappear one by one: policies that inherit from them stay as they were.
        let losses = Complaints(others.losses(to: found)).list
        guard losses.isEmpty else { throw StartFailure(losses.map(\.description), isMistake: true) }
        // An emptied directory must not serve everybody.
        if others.isOpened(by: found) {
            throw StartFailure(
                [
                    "turnkeeper: \(options.policies) would serve everyone, although the policies in "
                        + "force refuse clients whose key belongs to no tenant",
                    "Try: match: { anyone: true } in default.yaml, or a restart",
                ], isMistake: true)
        }
        return found.keeping(others)
    }

    /// Whether it may be in force where others reach the data port.
    func checkExposure(_ options: ServerOptions) throws(StartFailure) {
        guard let unsettled, !options.listen.isLoopback else { return }
        throw StartFailure([unsettled.description], isMistake: true)
    }

    /// The project of a credential, if the credential itself names one.
    private static func project(of source: Policy.Credentials) -> String? {
        switch source {
        case .file(let path):
            return File.read(path, limit: 64 << 10).flatMap {
                JSONObject.string("project_id", in: $0.span)
            }
        case .metadata:
            // The variable that Google's own libraries use.
            guard let value = unsafe getenv("GOOGLE_CLOUD_PROJECT") else { return nil }
            // SAFETY: the C string belongs to the environment, which is not changed here; it is
            // copied.
            return unsafe String(cString: value)
        }
    }
}
