import Basics
import Metrics
import Transport

/// What a worker passes on without being a session: a REST request, music, a request for a token.
/// It holds memory and connections as a session does, so it is counted, slowed down and closed like
/// one: `Worker.passages` has all of them.
protocol Passage: AnyObject {
    /// Names it in `Worker.passages`, and among those that are above their share.
    var id: String { get }
    var tenant: String { get }
    /// The connections that are open.
    var connections: [Connection] { get }
    /// The bytes that it holds besides what its connections hold.
    var ownBytes: Int { get }
    /// Memory is short, and this holds more than its share: it ends.
    func yield()
    /// The process is leaving: waits for what has an end, and ends what has none.
    func drain()
}

extension Passage {
    var ownBytes: Int { 0 }

    /// Memory used for it, as far as a peer can influence it.
    var heldBytes: Int { connections.reduce(ownBytes) { $0 + $1.heldBytes } }

    /// Bytes not yet accepted by a peer, or not yet a whole message.
    fileprivate var bufferedBytes: Int {
        connections.reduce(ownBytes) { $0 + $1.bufferedCount }
    }

    /// While memory is short, neither side is read if it holds more than its share.
    func starve(_ isStarved: Bool) {
        for connection in connections { connection.isStarved = isStarved }
    }
}

extension Worker {
    func add(_ passage: some Passage) { passages[passage.id] = passage }

    func remove(_ passage: some Passage) {
        guard passages.removeValue(forKey: passage.id) != nil else { return }
        emptied()
    }

    /// Adds what they buffer to the gauges, and takes off what they did at the last call.
    func countPassages() {
        var sums = countedPassages.mapValues { _ in 0 }
        for passage in passages.values {
            let bytes = passage.bufferedBytes
            guard bytes > 0 else { continue }
            sums[shard.series(.buffered, [passage.tenant, ""]), default: 0] += bytes
        }
        for (series, bytes) in sums {
            shard.add(Double(bytes - countedPassages[series, default: 0]), to: series)
        }
        countedPassages = sums.filter { $0.value > 0 }
    }
}
