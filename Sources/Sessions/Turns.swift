import Basics
import Policies
import Wire

/// Which turn the conversation is in. Every turn that asked for an answer ends as exactly one
/// outcome, with one fact.
struct Turns {
    private enum State {
        case idle
        /// The user's input ended then, and nothing came back yet.
        case asked(at: Instant)
        case answering
    }
    private var state = State.idle
    private(set) var number = 0
    /// An interrupted answer's `turnComplete` is still to come; it ends nothing.
    private var owesTurnComplete = false

    var isIdle: Bool {
        if case .idle = state { return true }
        return false
    }

    /// A turn was asked less than `reach` ago, and nothing came back yet.
    func isUnanswered(for reach: Interval, at now: Instant) -> Bool {
        if case .asked(let since) = state { return now < since + reach }
        return false
    }

    /// The user's input is complete and asks for an answer.
    mutating func asked(_ input: TurnInput, at now: Instant, into out: inout Actions) {
        switch state {
        case .idle: break
        case .asked: end(.interrupted, into: &out)
        case .answering:
            end(.interrupted, into: &out)
            owesTurnComplete = true
        }
        begin(input, into: &out)
        state = .asked(at: now)
    }

    mutating func received(
        _ message: ServerMessage, idle: Profile.IdleSignal, at now: Instant, into out: inout Actions
    ) {
        let content = message.content
        let speaks = !content.isDisjoint(with: .output) || message.members.contains(.toolCall)
        if speaks { answered(at: now, hasAudio: content.contains(.audio), into: &out) }
        if content.contains(.interrupted), case .answering = state {
            end(.interrupted, into: &out)
            owesTurnComplete = true
        }
        if content.contains(.turnComplete) {
            if owesTurnComplete {
                owesTurnComplete = false
            } else if idle == .turnComplete || !content.contains(.inProgress) {
                completed(into: &out)
            }
        }
    }

    /// No answer will come any more.
    mutating func abandoned(_ outcome: TurnOutcome, into out: inout Actions) {
        guard !isIdle else { return }
        end(outcome, into: &out)
    }

    private mutating func answered(at now: Instant, hasAudio: Bool, into out: inout Actions) {
        switch state {
        case .idle:
            // The service found the end of speech itself, or speaks unasked.
            begin(.none, into: &out)
            state = .answering
        case .asked(let since):
            if hasAudio { out.note(.firstAudio(number, after: now - since)) }
            state = .answering
        case .answering: break
        }
        owesTurnComplete = false
    }

    private mutating func completed(into out: inout Actions) {
        switch state {
        case .idle: break
        case .asked: end(.silent, into: &out)
        case .answering: end(.answered, into: &out)
        }
    }

    private mutating func begin(_ input: TurnInput, into out: inout Actions) {
        number += 1
        out.note(.turnStarted(number, input))
    }

    private mutating func end(_ outcome: TurnOutcome, into out: inout Actions) {
        out.note(.turnEnded(number, outcome))
        state = .idle
    }
}
