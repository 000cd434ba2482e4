public import Basics

/// The timing of what nodes share.
public enum Rounds {
    /// How long the database may take for a query, and for each part of a round.
    public static let patience = Interval.seconds(2)
    /// Between two rounds.
    public static let pause = Interval.milliseconds(500)
    /// How long another node may need to release a conversation that was claimed: it learns of the
    /// claim in its next round, and then writes the rest. A node that is cut off or dead is not
    /// waited for any longer. A new conversation is known to all nodes within the same time.
    /// - Parameter took: How long the claim took: the other node needs the same database about
    ///   twice as long.
    public static func release(afterClaimOf took: Interval) -> Interval {
        pause + margin * 3 + took * 2
    }
    /// How long a session that learns of another's claim waits for the answer to its own. The other
    /// one waits longer before it continues.
    public static let doubt = margin * 2
    /// A process that stood still for more than twice this long learns too late which conversations
    /// have moved, so it asks before it continues.
    public static let margin = Interval.milliseconds(100)
}
