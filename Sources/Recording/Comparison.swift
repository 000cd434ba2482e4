public import Basics
public import Policies

/// What another policy would have done differently in a recorded session.
public struct Comparison: Equatable, Sendable {
    /// A setting that differs.
    public struct Setting: Equatable, Sendable {
        public var key: String
        public var was: String
        public var would: String
    }

    /// How often something was done, and would have been done.
    public struct Count: Equatable, Sendable {
        public var what: String
        public var was: Int
        public var would: Int
    }

    /// Something that would have been done, left out, or done at another time.
    public struct Change: Equatable, Sendable {
        public enum Kind: String, Sendable { case gone, new, moved }
        public var kind: Kind
        public var what: String
        public var text: String
        /// When it was done; nil if it was not.
        public var was: Interval?
        public var would: Interval?

        /// The earlier of the two.
        public var at: Interval { min(was ?? would ?? .zero, would ?? was ?? .zero) }
    }

    public var settings: [Setting]
    public var counts: [Count]
    public var changes: [Change]
    /// From here on a peer would have received something else. Its reaction is unknown: the
    /// recorded answers are used, and the comparison is a guess. Nil if it is not a guess.
    public var guessFrom: Interval?
    /// Connections that the other policy would open but that were not recorded.
    public var unanswered: [UInt32]
    /// Recorded messages left out because they answered a nudge that the other policy would not
    /// have sent.
    public var leftOut: Int

    /// Times closer than this count as equal: no policy causes such differences.
    private static let sameTime = Interval.milliseconds(2)

    /// Both replays use their own deadlines.
    public init(
        _ was: Replay, _ old: (policy: Policy, profiles: Profiles), _ would: Replay,
        _ new: (policy: Policy, profiles: Profiles), model: String
    ) {
        settings = Self.settings(old, new, model)
        var counts: [String: (was: Int, would: Int)] = [:]
        for decision in was.decisions { counts[decision.kind, default: (0, 0)].was += 1 }
        for decision in would.decisions { counts[decision.kind, default: (0, 0)].would += 1 }
        self.counts = counts.filter { $0.value.was != $0.value.would }
            .map { Count(what: $0.key, was: $0.value.was, would: $0.value.would) }
            .sorted { $0.what < $1.what }
        changes = Self.changes(was.decisions, would.decisions)
        guessFrom = Self.parting(was.effects, would.effects)
        leftOut = would.leftOut
        unanswered = would.unanswered.filter { !was.unanswered.contains($0) }
    }

    /// Nothing would have been done differently.
    public var isSame: Bool { changes.isEmpty && counts.isEmpty && guessFrom == nil }

    private static func settings(
        _ old: (policy: Policy, profiles: Profiles), _ new: (policy: Policy, profiles: Profiles),
        _ model: String
    ) -> [Setting] {
        // Who is served, gemini's address and its key are not part of a replay.
        func values(_ side: (policy: Policy, profiles: Profiles)) -> [(key: String, text: String)] {
            let profile = side.profiles.profile(for: model)
            return Policy.schema.settings.filter {
                !["tenant", "inherits"].contains($0.path) && !$0.path.hasPrefix("match.")
                    && !["upstream.url", "upstream.key", "upstream.ca_file"].contains($0.path)
                    && !$0.path.hasPrefix("log.")
            }.map { ($0.path, $0.show(side.policy) ?? "off") }
                + Profile.schema.settings.map {
                    ("profile.\($0.path)", $0.show(profile) ?? "off")
                }
        }
        return zip(values(old), values(new)).compactMap { was, would in
            was.text == would.text
                ? nil : Setting(key: was.key, was: was.text, would: would.text)
        }
    }

    /// Equal decisions are matched in order; the others are gone, or new.
    private static func changes(
        _ was: [Replay.Decision], _ would: [Replay.Decision]
    ) -> [Change] {
        var waiting: [String: [Replay.Decision]] = [:]
        for decision in would.reversed() { waiting[decision.deed, default: []].append(decision) }
        var changes: [Change] = []
        for decision in was {
            guard let match = waiting[decision.deed]?.popLast() else {
                changes.append(
                    Change(
                        kind: .gone, what: decision.kind, text: decision.text, was: decision.at))
                continue
            }
            let shift = match.at - decision.at
            if shift > sameTime || shift < .zero - sameTime {
                changes.append(
                    Change(
                        kind: .moved, what: decision.kind, text: match.text, was: decision.at,
                        would: match.at))
            }
        }
        for decision in waiting.values.joined() {
            changes.append(
                Change(kind: .new, what: decision.kind, text: decision.text, would: decision.at))
        }
        return changes.sorted { ($0.at, $0.text) < ($1.at, $1.text) }
    }

    private static func parting(
        _ was: [(at: Interval, words: String)], _ would: [(at: Interval, words: String)]
    ) -> Interval? {
        for (one, other) in zip(was, would) where one.words != other.words || one.at != other.at {
            return min(one.at, other.at)
        }
        if was.count == would.count { return nil }
        return was.count > would.count ? was[would.count].at : would[was.count].at
    }
}
