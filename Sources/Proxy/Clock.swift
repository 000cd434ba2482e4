import Basics

/// Wall-clock time in readable form.
public enum Clock {
    /// RFC 3339 in UTC with milliseconds: `2026-11-21T04:05:06.789Z`.
    public static func timestamp(_ nanoseconds: Int64) -> String {
        WallTime(nanoseconds: nanoseconds).description
    }
}
