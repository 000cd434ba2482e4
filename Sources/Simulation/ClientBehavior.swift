/// What a client may do that it should not, or that is rare enough to be forgotten.
public enum ClientBehavior: String, CaseIterable, Sendable {
    /// Audio after `activityEnd`, before `activityStart`.
    case leak
    case repeatStart = "repeat_start"
    case repeatEnd = "repeat_end"
    /// The microphone's track dies inside an activity; it may come back, the end may come late.
    case deadTrack = "dead_track"
    /// Does not wait for `setupComplete`.
    case early
    /// Does not even wait with its setup.
    case beforeSetup = "before_setup"
    /// `activityEnd` followed at once by `activityStart`, in the middle of speech.
    case flush
    /// Streams silence.
    case silence
    /// Stops streaming when silence is needed.
    case pause
    /// Leaves in the middle of something.
    case vanish
    /// `audioStreamEnd` in either mode.
    case streamEnd = "stream_end"
    case secondSetup = "second_setup"
    /// Several parts in one `realtimeInput`.
    case combined
    /// A start and an end with nothing between.
    case emptyActivity = "empty_activity"
    case malformed
    case text
    case video
    /// Sends faster than it speaks.
    case burst
    /// Interrupts before the answer, or during it.
    case bargeIn = "barge_in"
    /// Asks for a tool.
    case tool
    /// `sessionResumption.handle: null`, `transparent`, fields that break the family.
    case badSetup = "bad_setup"
    /// Pauses of exactly the length of one of the proxy's clocks.
    case onTheDot = "on_the_dot"
    /// Speaks for fifteen seconds or more.
    case longSpeech = "long_speech"
    /// Opens an activity for a noise, right after its turn.
    case noise

    // Added later; drawn separately from the others.
    /// An activity with typed words, and no audio.
    case typedActivity = "typed_activity"
    /// Sends history that asks nothing.
    case seed
    /// Asks by `clientContent`, on any family.
    case content
    /// Changes the instruction in the middle of the session.
    case context
    /// Shares a screen: large pictures, several a second.
    case screen

    static let later: [(ClientBehavior, Probe)] = [
        (.typedActivity, .typedActivity), (.seed, .seed), (.content, .lateContent),
        (.context, .newestContext), (.screen, .screen),
    ]

    /// The behaviors that the first swarms draw.
    static let first = allCases.filter { habit in !later.contains { $0.0 == habit } }
}
