import Basics
import Policies

/// The part of policy, profile and setup that rules ask for on every message, laid out flat.
/// Made anew when one of the three changes.
struct Terms: Equatable, Sendable {
    var isManual = false
    var audioOutsideActivity = Mode.enforce
    var repeatedActivity = Mode.enforce
    var emptyActivity = Mode.enforce
    var shortActivity = Mode.observe
    var streamEndInManual = Mode.enforce
    var earlyInput = Mode.enforce
    var deadAirMode = Mode.enforce
    var streamEndOnPause = Mode.enforce
    var combinedInput = Mode.enforce
    var toolGate = Mode.enforce
    var noiseHoldMode = Mode.enforce

    var deadAir = Interval.zero
    var minActivity = Interval.zero
    var leadIn = Interval.zero
    /// How much voice proves an activity; zero where nobody asks.
    var noiseHold = Interval.zero
    var pause = Interval.zero
    /// How long silence is streamed after a pause, on families that need to hear it.
    var trailingSilence = Interval.zero
    var pauseForm = Profile.PauseForm.audioStreamEnd
    var gatesInputDuringTools = false
    var idle = Profile.IdleSignal.turnComplete
    var buffer = 4 << 20

    /// Some rule may want to know how the user sounds.
    var listens: Bool { noiseHold > .zero }

    init(policy: Policy, profile: Profile, isManual: Bool, silenceDuration: Interval) {
        let rules = policy.turns.rules
        self.isManual = isManual
        audioOutsideActivity = rules[.audioOutsideActivity]
        repeatedActivity = rules[.repeatedActivity]
        emptyActivity = rules[.emptyActivity]
        shortActivity = rules[.shortActivity]
        streamEndInManual = rules[.streamEndInManual]
        earlyInput = rules[.earlyInput]
        deadAirMode = rules[.deadAir]
        streamEndOnPause = profile.isContinuous ? .off : rules[.streamEndOnPause]
        combinedInput = rules[.combinedInput]
        toolGate = rules[.toolGate]

        deadAir = policy.turns.deadAir
        minActivity = policy.turns.minActivity
        leadIn = policy.turns.leadIn
        noiseHoldMode = rules[.noiseHold]
        noiseHold = isManual && noiseHoldMode != .off ? policy.turns.noiseHold : .zero
        pause = policy.turns.pause
        // The service's detector wants its own silence plus a margin; two seconds cured every
        // case on record where the family ignores the signal (failure catalogue 1.10).
        trailingSilence = max(.seconds(2), silenceDuration + .seconds(1))
        pauseForm = profile.pause
        gatesInputDuringTools = profile.gatesInputDuringTools
        idle = profile.idle
        buffer = policy.limits.buffer
    }
}
