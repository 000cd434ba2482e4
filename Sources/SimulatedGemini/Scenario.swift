public import Basics

/// How the service behaves, as a value: a name, switches, and a list of faults.
public struct Scenario: Sendable {
    public var name: String
    /// Strict ends the connection on illegal input, as the service does; lenient only records it.
    public var isStrict = true
    /// `turnComplete` lags by this part of the answer's length: 1 is real playback, 0 none.
    public var playback = 1.0
    /// Scales every latency of the model: 1 is as measured.
    public var latency = 1.0
    /// When goAway is sent, and how much time it leaves; `nil`: never.
    public var connectionLimit: ConnectionLimit?
    /// Ends a turn after this much silence, unless the setup says otherwise.
    public var silence = Interval.milliseconds(500)
    /// How long a handle is valid after its connection ended.
    public var handleLife = Interval.seconds(7200)
    /// Whether `usageMetadata` is sent.
    public var sendsUsage = true
    /// Answer length, in repetitions of the spoken line.
    public var replyRepeats = 1
    /// Extended thinking: up to this much longer than usual, without output.
    public var thinks = Interval.zero
    /// How often a proactive model does not answer.
    public var declines = 0.0
    /// Every nth turn calls the first declared tool unasked; 0: never.
    public var callsToolEvery = 0
    /// A shorter activity counts as a violation (recorded only); zero: off.
    public var minimumActivity = Interval.zero
    /// Time from the end of the user's input to the first sound, for all families; `nil`: as
    /// measured.
    public var firstSound: Interval?
    /// Interval between handles, also while the model speaks or a tool runs; `nil`: around turns.
    public var handleEvery: Interval?
    /// Answers to unknown behaviour.
    public var unknowns = Unknowns()
    public var faults: [FaultPlan] = []
    /// Faults end this long after the service was first dialed: none occurs, no model stays mute,
    /// every handle is valid. `nil`: never.
    public var faultsEnd: Interval?
    /// Each answer names the utterance it answers (`Heard.Turn.stamp`), so that tests can
    /// distinguish a turn answered twice from one forgotten.
    public var stampsReplies = false
    /// Transcribes unknown speech as the number of each second ("one two three"), so that a
    /// transcript's length tells how much was received.
    public var dictates = false

    public struct ConnectionLimit: Equatable, Sendable {
        public var after: Interval
        public var timeLeft: Interval

        public init(after: Interval, timeLeft: Interval) {
            self.after = after
            self.timeLeft = timeLeft
        }
    }

    public init(name: String) { self.name = name }

    /// A scenario with these faults; options are as in a file: `"turns: 2"`.
    public init(
        name: String, faults: [(name: String, options: [FaultPlan.Option])], scale: Double = 1
    ) throws(Complaint) {
        self.init(name: name)
        for fault in faults {
            self.faults.append(
                try ScenarioReader.plan(fault.name, fault.options, scale: scale))
        }
    }

    public static let healthy = Scenario(name: "healthy")
}
