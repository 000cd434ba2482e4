import Basics
import CLinux
import Sharing
import Synchronization

/// One tenant's sessions in this process, for its workers and for the thread of what is shared. Used
/// when a session begins and ends; never for a message.
public final class Places: Sendable {
    private let places: Mutex<HeldPlaces>

    /// - Parameter isShared: With other nodes.
    public init(isShared: Bool = false) { places = Mutex(HeldPlaces(isShared: isShared)) }

    /// Sessions that are there.
    public var count: Int { places.withLock { $0.sessions } }

    /// Takes one; false if there is none left.
    ///
    /// - Parameter hasOne: The session's conversation has a place already, whether or not any is left.
    public func take(limit: Int, ofConversation hasOne: Bool = false) -> Bool {
        places.withLock { $0.take(limit: limit, ofConversation: hasOne) }
    }

    /// The session is over.
    ///
    /// - Parameter isMoving: Its conversation goes on at another node, with its place.
    public func leave(isMoving: Bool = false) {
        places.withLock { $0.leave(isMoving: isMoving, at: Instant(nanoseconds: tk_now())) }
    }

    /// Whether there is one; it may be gone by the time it is taken.
    public func isFree(limit: Int) -> Bool { places.withLock { $0.isFree(limit: limit) } }

    /// The same for somebody who was told before that there is none, and waits.
    public func hasFree(limit: Int) -> Bool { places.withLock { $0.hasFree(limit: limit) } }

    /// Whether it is only this process that has none left.
    public func isFreeElsewhere(limit: Int) -> Bool {
        places.withLock { $0.isFreeElsewhere(limit: limit) }
    }

    /// Whether it uses them or not.
    var holding: Int { places.withLock { $0.holding } }

    /// For rounds.
    func change<Answer>(_ work: (inout HeldPlaces) -> Answer) -> Answer {
        places.withLock { work(&$0) }
    }
}
