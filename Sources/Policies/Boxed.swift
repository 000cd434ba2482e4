/// A large value that does not change, for all its holders: they hold a reference, and neither
/// reading it nor passing it on copies it.
public final class Boxed<Value: Sendable>: Sendable {
    public let value: Value

    public init(_ value: Value) { self.value = value }
}

extension Boxed: Equatable where Value: Equatable {
    public static func == (one: Boxed, other: Boxed) -> Bool {
        one === other || one.value == other.value
    }
}
