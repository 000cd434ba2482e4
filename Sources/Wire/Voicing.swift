/// What was detected in the audio of one client message; a scan does not listen. Stored in the
/// message, so that it is still known after the message has waited.
public struct Voicing: Equatable, Sendable, BitwiseCopyable {
    /// How thoroughly audio is analysed; each level costs more than the one before.
    public enum Extent: UInt8, Comparable, Sendable, BitwiseCopyable {
        case nothing
        /// How loud it is.
        case level
        /// Whether somebody speaks, as well.
        case voice

        public static func < (one: Extent, other: Extent) -> Bool { one.rawValue < other.rawValue }
    }

    public var extent = Extent.nothing
    /// Milliseconds of voice; zero if it was not analysed.
    public var voiced: UInt16 = 0
    /// Root mean square of the samples, 0...32,768.
    public var level: UInt16 = 0

    public init() {}

    public init(_ extent: Extent, voiced: UInt16 = 0, level: UInt16 = 0) {
        self.extent = extent
        self.voiced = voiced
        self.level = level
    }
}
