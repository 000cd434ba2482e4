public import Basics
public import Policies
public import Sessions
import Wire

/// A recorded session, run through the machine in virtual time.
public struct Replay: Sendable {
    /// A fact from the machine, with its time and in words.
    public struct Entry: Equatable, Sendable {
        public var at: Interval
        public var lane: String
        public var what: String
        public var text: String

        public init(at: Interval, lane: String, what: String, text: String) {
            (self.at, self.lane, self.what, self.text) = (at, lane, what, text)
        }
    }

    /// A decision of the machine.
    struct Decision: Equatable {
        var at: Interval
        /// Equal for equal decisions.
        var deed: String
        /// The first word: how it is counted.
        var kind: String
        var text: String
    }

    /// What wakes the machine.
    public enum Clock: Sendable {
        /// The recorded wake-ups: late timers are late again, so that the machine sees exactly what
        /// it saw.
        case recorded
        /// The machine's own deadlines, to the nanosecond: another policy has other deadlines.
        case deadlines
    }

    /// The first step in which the machine differs from the recording.
    public struct Difference: Equatable, Sendable {
        /// The line's number in the file.
        public var line: Int
        public var at: Interval
        public var recorded: [String]
        public var replayed: [String]
    }

    public private(set) var timeline: [Entry] = []
    /// The first difference between the machine's actions and the recorded ones; only with recorded
    /// wake-ups.
    public private(set) var difference: Difference?
    public private(set) var steps = 0
    public private(set) var deeds = 0
    /// Gemini connections it dialed that were not recorded.
    public private(set) var unanswered: [ConnectionID] = []
    /// Messages that answered a nudge which this run did not send.
    public private(set) var leftOut = 0
    private(set) var decisions: [Decision] = []
    /// What reached the peers, and when: while this is equal, their answers are, too.
    private(set) var effects: [(at: Interval, words: String)] = []

    /// The text of the proxy's timeline; nil for facts without one. `payload` is the message that
    /// the fact's ranges point into.
    public typealias Narrator = (
        _ fact: Fact, _ payload: Span<UInt8>
    ) -> (what: String, lane: String, text: String)?

    /// Far from the origin of the clock, as in a real session.
    private static let start = Instant(nanoseconds: 3_600_000_000_000)
    /// A machine that wakes more often is in an endless loop.
    private static let mostWakes = 5_000_000

    /// - Parameter baseline: What the recorded policy did with its own deadlines. Where it nudged
    ///   and
    ///   this run has not, gemini's answer to the nudge is left out.
    public static func run(
        _ recording: Recording, policy: Policy, profiles: Profiles, clock: Clock,
        against baseline: Replay? = nil, narrator: Narrator
    ) -> Replay {
        var replay = Replay()
        let header = recording.header
        // As long as the original.
        let handle = ClientHandle.make(
            session: header.session, secret: String(repeating: "x", count: 43))
        var session = Session(
            id: header.session, policy: policy, profiles: profiles,
            handle: header.replacesHandles ? handle : "", isShared: header.isShared)
        var actions = Actions()
        let answered = Set(
            recording.steps.compactMap { step -> ConnectionID? in
                switch step.event {
                case .dialed(let connection, _), .dialFailed(let connection, _): connection
                default: nil
                }
            })
        let isOwnPolicy = policy == recording.policy
        let nudges = baseline?.nudges ?? []
        var last = Interval.zero
        var wakes = 0
        for (index, step) in recording.steps.enumerated() {
            if clock == .deadlines {
                while let deadline = session.deadline, wakes < mostWakes {
                    // A timer is never set in the past.
                    let due = max(deadline - start, last + .milliseconds(1))
                    guard due <= step.at else { break }
                    wakes += 1
                    last = due
                    let wake = Step(at: due, event: .wokeUp, payload: [], deeds: [])
                    replay.play(wake, &session, &actions, narrator)
                }
                // Its own deadlines have woken it; and a comparison keeps its own policy.
                if case .wokeUp = step.event { continue }
                if case .policyChanged = step.event, !isOwnPolicy { continue }
            }
            if replay.lacksNudge(for: step, among: nudges) {
                replay.leftOut += 1
                continue
            }
            last = max(last, step.at)
            let did = replay.play(step, &session, &actions, narrator)
            if clock == .recorded, replay.difference == nil, did != step.deeds {
                replay.difference = Difference(
                    line: recording.lines[index], at: step.at, recorded: step.deeds, replayed: did)
            }
        }
        replay.unanswered = replay.effects.compactMap { effect in
            let words = effect.words.split(separator: " ")
            guard words.first == "dial", let connection = words.last.flatMap({ ConnectionID($0) })
            else {
                return nil
            }
            return answered.contains(connection) ? nil : connection
        }
        return replay
    }

    /// Each nudge, until its effect was over.
    private var nudges: [ClosedRange<Interval>] {
        decisions.enumerated().compactMap { index, decision in
            guard decision.deed.hasPrefix("nudged ") else { return nil }
            let end = decisions[(index + 1)...].first {
                ["turn_ended ", "troubled "].contains(where: $0.deed.hasPrefix)
            }
            return decision.at...(end?.at ?? Interval(nanoseconds: .max))
        }
    }

    private func lacksNudge(for step: Step, among nudges: [ClosedRange<Interval>]) -> Bool {
        guard !nudges.isEmpty, case .geminiSent(let message, _, _) = step.event,
            message.members.contains(.serverContent) || message.members.contains(.toolCall),
            let answered = nudges.lastIndex(where: { $0.contains(step.at) })
        else { return false }
        return decisions.count { $0.deed.hasPrefix("nudged ") } <= answered
    }

    /// - Returns: What was done, in words.
    @discardableResult
    private mutating func play(
        _ step: Step, _ session: inout Session, _ actions: inout Actions, _ narrator: Narrator
    ) -> [String] {
        steps += 1
        session.handle(
            Self.shifted(step.event), payload: step.payload.span, at: Self.start + step.at,
            into: &actions)
        var words: [String] = []
        words.reserveCapacity(actions.list.count)
        for action in actions.list {
            let text = action.words
            words.append(text)
            if action.isDeed { effects.append((step.at, text)) }
            guard case .note(let fact) = action else { continue }
            let told = narrator(fact, step.payload.span)
            if let told {
                timeline.append(
                    Entry(at: step.at, lane: told.lane, what: told.what, text: told.text))
            }
            if let deed = fact.deed {
                let kind = told?.what ?? deed.split(separator: " ").first.map(String.init) ?? deed
                decisions.append(
                    Decision(at: step.at, deed: deed, kind: kind, text: told?.text ?? deed))
            }
        }
        deeds += words.count
        actions.removeAll()
        return words
    }

    /// The only event that contains a point in time.
    private static func shifted(_ event: Event) -> Event {
        guard case .drained(let deadline) = event else { return event }
        return .drained(by: start + (deadline - Instant(nanoseconds: 0)))
    }
}
