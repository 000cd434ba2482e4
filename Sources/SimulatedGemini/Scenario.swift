public import Basics

/// How the service behaves, as a value: a name, switches, and a list of faults.
public struct Scenario: Sendable {
    public var name: String
    /// Legality: strict ends the connection as the service does; lenient only records.
    public var isStrict = true
    /// Part of the answer's length by which `turnComplete` lags behind: 1 is real playback, 0 none.
    public var playback = 1.0
    /// Scales every latency of the model's own: 1 is as measured.
    public var latency = 1.0
    /// When goAway is sent, how much time it leaves; `nil`: never.
    public var connectionLimit: ConnectionLimit?
    /// Conversation is told apart from noise after this much silence when the setup does not say.
    public var silence = Interval.milliseconds(500)
    /// How long a handle serves after its connection ended.
    public var handleLife = Interval.seconds(7200)
    /// Whether `usageMetadata` is sent.
    public var sendsUsage = true
    /// Answer length, in repetitions of the line spoken.
    public var replyRepeats = 1
    /// Extended thinking: at most so much longer than usual, with nothing said.
    public var thinks = Interval.zero
    /// How often a proactive model has nothing to say to what it heard.
    public var declines = 0.0
    /// One turn in so many calls the first declared tool unasked; 0: never.
    public var callsToolEvery = 0
    /// Length of one activity below which it counts as a violation (recorded only); zero: off.
    public var minimumActivity = Interval.zero
    /// From the end of the user's input to the first sound, whatever the family; `nil`: as measured.
    public var firstSound: Interval?
    /// A handle every so often, also while the model speaks or a tool runs; `nil`: around turns.
    public var handleEvery: Interval?
    /// Answers to what nobody knows.
    public var unknowns = Unknowns()
    public var faults: [FaultPlan] = []
    /// That long after the service was first dialed faults are over: none strikes, nobody stays
    /// mute, every handle serves. `nil`: never.
    public var faultsEnd: Interval?
    /// Each answer names the utterance it answers (`Heard.Turn.stamp`), so that tests can tell a
    /// turn answered twice from one forgotten.
    public var stampsReplies = false
    /// Transcribes speech it does not recognise as the number of each second ("one two three"), so
    /// that a transcript's length tells how much was heard.
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

    /// A scenario with these faults; options are as a file would have them, `"turns: 2"`.
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
