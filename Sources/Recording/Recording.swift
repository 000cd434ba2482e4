public import Basics
public import Policies

/// A recorded session, read.
public struct Recording: Equatable, Sendable {
    public var header: Header
    public var policy: Policy
    public var profiles: Profiles
    public var steps: [Step]
    /// The line of the file for each step.
    public var lines: [Int]
    /// Lines that the recorder had no room for; a replay does not know their content.
    public var lost: Int64

    /// Unreadable lines, each with its number, from 1, and advice.
    public struct Unreadable: Error, Sendable {
        public var complaints: [(line: Int, message: String)]
    }

    /// More complaints would not help.
    private static let mostComplaints = 20

    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - documents: Creates policies from a `default.yaml` and a `models.yaml`, or returns why
    ///     that
    ///     is not possible.
    public static func read(
        _ bytes: [UInt8],
        documents: (_ policy: String, _ models: String) -> Result<PolicySet, Complaints>
    ) throws(Unreadable) -> Recording {
        var complaints: [(line: Int, message: String)] = []
        var recording: Recording?
        var number = 0
        for text in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            if text.isEmpty { continue }
            do throws(Fields.Wrong) {
                let fields = try Fields(Array(text))
                if recording == nil {
                    recording = try Recording(fields, documents)
                } else if fields.has("lost") {
                    recording?.lost += try fields.number("lost")
                } else if !fields.has("end"), let known = recording {
                    let step = try Step(fields) { (text) throws(Fields.Wrong) in
                        try known.renewed(text, documents)
                    }
                    recording?.steps.append(step)
                    recording?.lines.append(number)
                }
            } catch {
                complaints.append((number, error.message))
                if recording == nil || complaints.count == mostComplaints { break }
            }
        }
        guard complaints.isEmpty, let recording else {
            throw Unreadable(
                complaints: complaints.isEmpty
                    ? [(1, "the file is empty; record the session again")] : complaints)
        }
        return recording
    }

    private init(
        _ fields: Fields,
        _ documents: (_ policy: String, _ models: String) -> Result<PolicySet, Complaints>
    ) throws(Fields.Wrong) {
        header = try Header(fields)
        (steps, lines, lost) = ([], [], 0)
        let set = try Self.policies(header.policy, header.models, documents)
        profiles = set.profiles
        policy = set.defaultTenant?.policy ?? Policy()
        policy.tenant = header.tenant
    }

    /// A policy that changed during the session.
    private func renewed(
        _ text: String,
        _ documents: (_ policy: String, _ models: String) -> Result<PolicySet, Complaints>
    ) throws(Fields.Wrong) -> Policy {
        var policy =
            try Self.policies(text, header.models, documents).defaultTenant?.policy ?? Policy()
        policy.tenant = header.tenant
        return policy
    }

    private static func policies(
        _ policy: String, _ models: String,
        _ documents: (_ policy: String, _ models: String) -> Result<PolicySet, Complaints>
    ) throws(Fields.Wrong) -> PolicySet {
        switch documents(policy, models) {
        case .success(let set): return set
        case .failure(let complaints):
            let why = complaints.list.first?.description ?? "no reason given"
            throw Fields.Wrong(
                message: "this program cannot read the recorded policy (\(why)); replay it with "
                    + "the turnkeeper that recorded it")
        }
    }

    /// The model that the client requested, as named in its setup; empty if there was no setup.
    public var model: String {
        for step in steps {
            for deed in step.deeds where deed.hasPrefix("note set_up ") {
                return String(deed.dropFirst(12).split(separator: " ").first ?? "")
            }
        }
        return ""
    }
}
