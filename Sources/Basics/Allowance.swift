/// Limits how often something is logged: a burst, then once a second.
public struct Allowance: Sendable {
    /// Enough to log every mistake of a person, but not a port scan.
    private static let burst = 30

    private var left = burst
    private var filled: Instant?
    private var untold = 0

    public init() {}

    /// The number of entries omitted since the last logged one; nil if this one is omitted, too.
    public mutating func take(at now: Instant) -> Int? {
        let seconds = filled.map { (now - $0).milliseconds / 1000 } ?? 0
        if seconds > 0 || filled == nil {
            left = min(Self.burst, left + Int(min(seconds, Int64(Self.burst))))
            filled = now
        }
        guard left > 0 else {
            untold += 1
            return nil
        }
        left -= 1
        defer { untold = 0 }
        return untold
    }
}
