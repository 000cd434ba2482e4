public import Basics

/// When a process deals with what nodes share.
public enum Rounds {
    /// Of questions and rounds, each: how long the database may take.
    public static let patience = Interval.seconds(2)
    /// Between two rounds.
    public static let pause = Interval.milliseconds(500)
    /// How long another node may need to let go of a conversation that was claimed: it hears of that
    /// in its next round, and writes the last of it. One that is cut off, or dead, is not waited for
    /// longer. A new conversation is known to all nodes within the same time.
    /// - Parameter took: The claim: the other node needs the same database about twice as long.
    public static func release(afterClaimOf took: Interval) -> Interval {
        pause + margin * 3 + took * 2
    }
    /// How long a session that hears of another's claim waits for the answer to one of its own: the other
    /// waits longer before it goes on.
    public static let doubt = margin * 2
    /// A process that stood still longer than two of these hears too late which conversations have
    /// moved, and asks before it goes on.
    public static let margin = Interval.milliseconds(100)
}
