import Basics
public import Ledger
import Metrics
import Policies
import Sessions
import YAML

/// The values that must not leave this process, and the words that are not secrets.
struct KnownSecrets: Equatable {
    /// We send these to gemini, which may quote them.
    var sent: Set<String> = []
    /// Only clients, operators and receivers of reports know these.
    var kept: Set<String> = []
    /// Tenants and models.
    var names: Set<String> = []

    init() {}

    init(of policies: PolicySet, _ secrets: Secrets) {
        for use in policies.secretUses {
            guard let value = secrets.text(of: use.secret) else { continue }
            if use.isSent { sent.insert(value) } else { kept.insert(value) }
        }
        names = Set(policies.names)
    }

    var scrubber: Scrubber {
        Scrubber(sent, kept: kept.subtracting(sent), sparing: names.union(Self.ownWords))
    }

    /// The words in logs, reports and metrics, besides sentences.
    static let ownWords: Set<String> = {
        var words: Set = ["turnkeeper", "gemini", "client", "x-turnkeeper-session"]
        words.formUnion(Rule.allCases.map(\.rawValue))
        words.formUnion(TimelineWord.allCases.map(\.rawValue))
        words.formUnion(SessionOutcome.allCases.map(\.rawValue))
        words.formUnion(SessionState.allCases.map(\.rawValue))
        words.formUnion(Policy.schema.settings.map(\.path))
        words.formUnion(Catalogue.all.map(\.name))
        return words
    }()
}

extension PolicySet {
    /// Warns of secrets that are easily guessed, or look like words in logs. Never quotes the
    /// value.
    func weakSecrets(_ secrets: Secrets) -> [Complaint] {
        let names = KnownSecrets.ownWords.union(self.names)
        var told: Set<String> = []
        return secretUses.compactMap { use in
            guard let place = use.place, let value = secrets.text(of: use.secret),
                let weakness = Scrubber.weakness(of: value, sparing: names),
                // A value that is short and not a word removes none of our text.
                weakness != .short || value.allSatisfy(\.isLetter),
                told.insert("\(place) \(use.path) \(use.secret)").inserted
            else { return nil }
            let why =
                switch weakness {
                case .short: "it has fewer than 8 characters"
                case .word: "it is a short word or number"
                case .name: "it is part of a name that stands in logs (a tenant's, a model's)"
                }
            return Complaint(
                place,
                "\(use.path): \(use.secret) is no secret: \(why), so it is not taken out of logs "
                    + "and reports; use 16 random characters or more (openssl rand -hex 16)")
        }
    }
}

extension Redaction {
    /// A redaction that knows the secrets of the policies in a directory.
    public static func knowing(policies directory: String) -> Result<Redaction, StartFailure> {
        switch PolicyDirectory.loadIfPresent(directory) {
        case .failure(let complaints):
            return .failure(StartFailure(complaints.list.map(\.description)))
        case .success(let policies):
            return .success(Redaction(KnownSecrets(of: policies, Secrets()).scrubber))
        }
    }
}
