import CLibwebsockets
import CLinux

/// The connections of a server, by the bits of their pointers, and which to close when there are
/// too many.
struct Crowd {
    private var all: Set<UInt> = []
    /// Without a request, in the order in which they became idle.
    private var idle: [(connection: UInt, since: Int64)] = []

    var count: Int { all.count }

    /// The connection has no request, or has had its answer.
    mutating func rests(_ connection: UInt) {
        works(connection)
        idle.append((connection, tk_now()))
    }

    /// The connection has a request, or is a WebSocket.
    mutating func works(_ connection: UInt) {
        all.insert(connection)
        if let index = idle.firstIndex(where: { $0.connection == connection }) {
            idle.remove(at: index)
        }
    }

    mutating func left(_ connection: UInt) {
        works(connection)
        all.remove(connection)
    }

    /// Removes up to `most` idle connections, the longest idle first, for the caller to close. What
    /// a peer has sent is read first, and a peer that has only just connected, or is in the middle
    /// of a TLS handshake, gets a moment to send something.
    mutating func takeIdle(_ most: Int) -> [UInt] {
        let now = tk_now()
        var taken: [UInt] = []
        idle.removeAll { connection, since in
            guard taken.count < most, Self.isPastHope(connection, for: now - since) else {
                return false
            }
            taken.append(connection)
            return true
        }
        all.subtract(taken)
        return taken
    }

    private static func isPastHope(_ connection: UInt, for time: Int64) -> Bool {
        // SAFETY: a connection is taken out of the crowd before it is freed.
        guard let wsi = unsafe OpaquePointer(bitPattern: connection) else { return true }
        let silence = unsafe tk_silence(lws_get_socket_fd(wsi))
        return silence >= moment / 1_000_000 || silence > 0 && time >= 4 * moment
    }

    /// A round trip on most networks, in nanoseconds.
    static let moment: Int64 = 250_000_000
}
