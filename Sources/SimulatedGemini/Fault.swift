import Basics

/// One fault of a scenario, and when it strikes.
public struct FaultPlan: Sendable {
    public var name: String

    public init(name: String) { self.name = name }
}
