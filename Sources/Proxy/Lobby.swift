import Basics
import CLinux
import Policies
import Synchronization
import Transport

/// Connections of all workers that have not yet said what they want: those without a setup, refused
/// ones whose setup is awaited, and requests for tokens. An idle one costs a socket, its half-sent
/// data, and perhaps a connection to gemini, so each party that could hold them on purpose has a
/// limit. Used when a connection arrives, and when it has spoken or leaves.
final class Lobby: Sendable {
    /// The party to which a connection is attributed.
    enum Scope: Hashable, Sendable {
        case token(Digest)
        case tenant(String)
        /// The first half of an IPv6 address: the client chooses the rest.
        case address(high: UInt64, low: UInt64)
        case everyone

        init(client address: SocketAddress) {
            let (high, low) = address.network
            self = .address(high: high, low: low)
        }
    }

    enum Answer { case entered(Ticket), full }

    struct Ticket: Sendable { fileprivate let number: UInt64 }

    fileprivate struct Guest {
        var since: Int64
        var scopes: [Scope]
        /// Closes the connection, on its own worker.
        var leave: @Sendable () -> Void
    }

    /// The connections of a scope, oldest first, some of which have left.
    fileprivate struct Queue {
        var numbers: [UInt64] = []
        var count = 0
    }

    fileprivate struct State {
        var guests: [UInt64: Guest] = [:]
        var queues: [Scope: Queue] = [:]
        var next: UInt64 = 0
    }

    private let state = Mutex(State())

    /// So many connections wait for a tenant in addition to one for each session it may have.
    static let perTenant = 64
    /// A page opens a connection or two with its token; one that reconnects repeatedly, a few more.
    static let perToken = 16
    /// A company behind one address, all of it reconnecting after a restart.
    static let perAddress = 1024
    /// A connection gets one round trip on a very bad network before others may take its place.
    private static let grace: Int64 = 1_000_000_000

    /// Takes a place in every scope. If one is full, its oldest connection is closed, so that idle
    /// ones cannot shut others out; `.full` if even the oldest has only just arrived.
    func enter(_ scopes: [(Scope, most: Int)], leave: @escaping @Sendable () -> Void) -> Answer {
        let scopes = scopes + [(.everyone, most: .max)]
        let now = tk_now()
        var evicted: [@Sendable () -> Void] = []
        let answer: Answer = state.withLock { state in
            var oldest: [UInt64] = []
            for (scope, most) in scopes {
                guard let queue = state.queues[scope], queue.count >= max(1, most) else { continue }
                guard let first = state.oldest(of: scope),
                    let guest = state.guests[first], now - guest.since >= Self.grace
                else { return .full }
                oldest.append(first)
            }
            for number in oldest {
                if let guest = state.remove(number) { evicted.append(guest.leave) }
            }
            state.next += 1
            state.guests[state.next] = Guest(since: now, scopes: scopes.map(\.0), leave: leave)
            for (scope, _) in scopes {
                state.queues[scope, default: Queue()].add(state.next, among: state.guests)
            }
            return .entered(Ticket(number: state.next))
        }
        for leave in evicted { leave() }
        return answer
    }

    /// The setup has arrived, or the connection is gone.
    func leave(_ ticket: Ticket) { state.withLock { _ = $0.remove(ticket.number) } }

    /// Closes up to `most` connections, oldest first, except those that have only just arrived, and
    /// returns how many: the process is short of descriptors.
    func giveWay(_ most: Int) -> Int {
        let now = tk_now()
        let evicted = state.withLock { state in
            var evicted: [@Sendable () -> Void] = []
            while evicted.count < most, let first = state.oldest(of: .everyone),
                let guest = state.guests[first], now - guest.since >= Self.grace
            {
                state.remove(first)
                evicted.append(guest.leave)
            }
            return evicted
        }
        for leave in evicted { leave() }
        return evicted.count
    }

    /// Closes all connections: the process is short of memory.
    func clear() {
        let guests = state.withLock { state in
            defer { (state.guests, state.queues) = ([:], [:]) }
            return state.guests
        }
        for number in guests.keys.sorted() { guests[number]?.leave() }
    }

    var count: Int { state.withLock { $0.guests.count } }
}

extension Lobby.State {
    /// Removes those before it, which have left.
    fileprivate mutating func oldest(of scope: Lobby.Scope) -> UInt64? {
        guard let numbers = queues[scope]?.numbers,
            let index = numbers.firstIndex(where: { guests[$0] != nil })
        else { return nil }
        if index > 0 { queues[scope]?.numbers.removeFirst(index) }
        return numbers[index]
    }

    @discardableResult
    fileprivate mutating func remove(_ number: UInt64) -> Lobby.Guest? {
        guard let guest = guests.removeValue(forKey: number) else { return nil }
        for scope in guest.scopes {
            queues[scope]?.count -= 1
            if queues[scope]?.count == 0 { queues[scope] = nil }
        }
        return guest
    }
}

extension Lobby.Queue {
    /// Removes entries that have left once they are the majority, so that each is moved once.
    fileprivate mutating func add(_ number: UInt64, among guests: [UInt64: Lobby.Guest]) {
        if numbers.count > 2 * count + 64 { numbers.removeAll { guests[$0] == nil } }
        numbers.append(number)
        count += 1
    }
}

/// A connection that a worker closes when others need its place, or when memory is short.
protocol LobbyGuest: AnyObject {
    func shownOut()
}
