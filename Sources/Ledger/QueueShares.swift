/// Records that wait for the ledger's writer, in total and for each tenant, so that one tenant's
/// flood leaves room for the others' records: a tenant may have as much waiting as a multiple of
/// the free room. So a single tenant gets nearly everything, several share, and the last one still
/// finds room.
struct QueueShares {
    struct Load: Equatable {
        var count = 0
        /// In bytes.
        var weight = 0

        static func + (a: Load, b: Load) -> Load {
            Load(count: a.count + b.count, weight: a.weight + b.weight)
        }
    }

    private(set) var all = Load()
    private var ofTenants: [Load] = []

    func load(of place: Int) -> Load {
        ofTenants.indices.contains(place) ? ofTenants[place] : Load()
    }

    mutating func add(_ load: Load, of place: Int) {
        while ofTenants.count <= place { ofTenants.append(Load()) }
        ofTenants[place] = ofTenants[place] + load
        all = all + load
    }

    mutating func add(_ other: QueueShares) {
        for (place, load) in other.ofTenants.enumerated() where load.count > 0 {
            add(load, of: place)
        }
    }

    /// A single tenant gets three quarters with entries of timelines, and an eighth more with
    /// turns, sums and ends, which are lost last.
    /// - Parameters:
    ///   - own: The tenant's waiting records, including the one to be added.
    ///   - all: The same for all tenants.
    static func hasRoom(own: Int, all: Int, limit: Int, isDetail: Bool) -> Bool {
        own <= (isDetail ? 3 : 7) * (limit - all)
    }
}

extension Ledger {
    /// A tenant's access to its share of the queue.
    public struct Entrance: Sendable {
        let ledger: Ledger
        let place: Int

        /// As `Ledger.append`.
        public func append(_ record: Record) { ledger.append(record, of: place) }
    }
}
