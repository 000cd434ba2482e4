import Basics

/// How far a new connection's audio is ahead of real time, and may be: its family closes on more.
struct Pace {
    var bound: Interval
    var began: Instant
    var sent = Interval.zero
    /// The client's later audio may be slightly further ahead, so that an imprecise microphone does
    /// not wait.
    var most: Interval { Interval(nanoseconds: bound.nanoseconds / 10 * 11) }

    func ahead(at now: Instant) -> Interval { max(.zero, sent - (now - began)) }

    mutating func took(_ audio: Interval) { sent = sent + audio }
}
