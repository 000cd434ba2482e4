import Synchronization

/// Accepts the answer to one request, from any thread. The first answer counts; one that comes
/// after the client left, or after the handler's time limit (10 s, then 503), is dropped.
public struct Reply: Sendable {
    let exchange: UInt
    let mailbox: Mailbox

    public func send(_ response: Response) {
        let id = exchange
        mailbox.post { $0.exchange(id)?.respond(response) }
    }

    /// Begins an answer of unknown length (server-sent events: `text/event-stream`).
    public func stream(
        contentType: String, headers: [(name: String, value: String)] = []
    ) -> ResponseStream {
        let id = exchange
        let liveness = Liveness()
        let delivered = mailbox.post { loop in
            guard let exchange = loop.exchange(id) else { return liveness.end() }
            exchange.begin(contentType, headers, liveness)
        }
        if !delivered { liveness.end() }
        return ResponseStream(exchange: id, mailbox: mailbox, liveness: liveness)
    }
}

/// A body that is written over time, from any thread.
public struct ResponseStream: Sendable {
    let exchange: UInt
    let mailbox: Mailbox
    let liveness: Liveness

    /// False once the client left, fell 4 MiB behind, or the stream was finished. That the client
    /// left is only noticed when something is written (its end may be half closed), so a stream
    /// that may be silent for long should send a comment now and then.
    public var isOpen: Bool { liveness.isAlive }

    /// Bytes written here that the reader has not accepted yet, apart from what the kernel holds. A
    /// writer with much data waits for it to fall; for a closed stream it is what was not read.
    public var backlog: Int { liveness.pending }

    public func write(_ bytes: [UInt8]) {
        let id = exchange
        liveness.add(bytes.count)
        mailbox.post { $0.exchange(id)?.append(bytes) }
    }

    public func finish() {
        let id = exchange
        mailbox.post { $0.exchange(id)?.finish() }
    }
}

final class Liveness: Sendable {
    private let alive = Atomic(true)
    private let bytes = Atomic(0)

    var isAlive: Bool { alive.load(ordering: .relaxed) }
    func end() { alive.store(false, ordering: .relaxed) }

    var pending: Int { max(0, bytes.load(ordering: .relaxed)) }
    func add(_ count: Int) { bytes.wrappingAdd(count, ordering: .relaxed) }
}
