import CLinux
import Policies
import Synchronization

/// The moment at which all starts so far would have happened at the permitted rate (a token
/// bucket). All places may be taken at once; after that a twentieth of them per second. A client
/// that opens sessions faster than anybody could use them must wait, because each costs a row.
struct StartBucket {
    private var settled: Int64 = 0

    private static let refill: Int64 = 20_000_000_000
    /// Tenants with fewer places start as many sessions as with this many: users of a kiosk change
    /// quickly.
    private static let leastPlaces = 100
    /// The same for one of many nodes, among which the places are divided.
    private static let leastHere = 10

    /// Whether the bucket no longer remembers a start.
    func isFull(at now: Int64) -> Bool { settled <= now }

    /// Counts one start; false if that would be too many at this time for `places`, multiplied by
    /// `shares`, on one of these processes.
    mutating func take(
        of places: Int, shares: Int = 1, among processes: Int = 1, at now: Int64
    ) -> Bool {
        let here = max(max(places, Self.leastPlaces) / processes, Self.leastHere)
        let price = Self.refill / Int64(here) / Int64(shares)
        let due = max(settled, now) + price
        guard due - now <= Self.refill else { return false }
        settled = due
        return true
    }
}

/// The starts of single token holders and client addresses, so that none of them uses up the whole
/// tenant's starts. Used when a connection is upgraded.
final class StartRates: Sendable {
    private struct Key: Hashable {
        var tenant: String
        var scope: Lobby.Scope
    }
    private struct State {
        var buckets: [Key: StartBucket] = [:]
        /// Full buckets are removed when there are this many.
        var mostBuckets = StartRates.fewest
    }
    private let state = Mutex(State())

    private static let fewest = 1024
    private static let most = 100_000
    /// How many clients' worth of starts a tenant has at a time.
    static let clients = 4

    /// Counts a start in each scope; if one of them has none left, returns false and counts
    /// nothing.
    func mayStart(
        _ scopes: [Lobby.Scope], of policy: Policy, among processes: Int
    ) -> Bool {
        let now = tk_now()
        return state.withLock { state in
            var taken: [(Key, StartBucket)] = []
            for scope in scopes {
                let key = Key(tenant: policy.tenant, scope: scope)
                var bucket = state.buckets[key] ?? StartBucket()
                guard bucket.take(of: policy.limits.sessions, among: processes, at: now) else {
                    return false
                }
                taken.append((key, bucket))
            }
            if state.buckets.count >= state.mostBuckets {
                state.buckets = state.buckets.filter { !$0.value.isFull(at: now) }
                state.mostBuckets = max(Self.fewest, 2 * state.buckets.count)
            }
            // If more clients than that connect within seconds, they share the tenant's starts.
            guard state.buckets.count < Self.most else { return true }
            for (key, bucket) in taken { state.buckets[key] = bucket }
            return true
        }
    }
}
