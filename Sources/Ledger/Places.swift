import Basics
import CLinux
import Sharing
import Synchronization

/// One tenant's sessions in this process, for its workers and for the thread for what nodes share.
/// Used when a session begins and ends; never for a message.
public final class Places: Sendable {
    private let places: Mutex<HeldPlaces>

    /// - Parameter isShared: Whether other nodes share the places.
    public init(isShared: Bool = false) { places = Mutex(HeldPlaces(isShared: isShared)) }

    /// The number of sessions.
    public var count: Int { places.withLock { $0.sessions } }

    /// Takes a place; false if none is left.
    ///
    /// - Parameter hasOne: The session's conversation has a place already, whether or not any is
    ///   left.
    public func take(limit: Int, ofConversation hasOne: Bool = false) -> Bool {
        places.withLock { $0.take(limit: limit, ofConversation: hasOne) }
    }

    /// The session is over.
    ///
    /// - Parameter isMoving: Its conversation goes on at another node, with its place.
    public func leave(isMoving: Bool = false) {
        places.withLock { $0.leave(isMoving: isMoving, at: Instant(nanoseconds: tk_now())) }
    }

    /// Whether there is a place; it may be gone by the time it is taken.
    public func isFree(limit: Int) -> Bool { places.withLock { $0.isFree(limit: limit) } }

    /// The same, for a client that waits because there was none before.
    public func hasFree(limit: Int) -> Bool { places.withLock { $0.hasFree(limit: limit) } }

    /// Whether it may be only this process that has none left.
    ///
    /// - Parameter isCutOff: It does not know what others have now.
    public func isFreeElsewhere(limit: Int, isCutOff: Bool) -> Bool {
        places.withLock { $0.isFreeElsewhere(limit: limit, isCutOff: isCutOff) }
    }

    /// The places held, whether used or not.
    var holding: Int { places.withLock { $0.holding } }

    /// For rounds.
    func change<Answer>(_ work: (inout HeldPlaces) -> Answer) -> Answer {
        places.withLock { work(&$0) }
    }
}
