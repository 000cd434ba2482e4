import COpenSSL

/// Why a TLS context could not be created, with OpenSSL's message.
public struct TLSError: Error, Equatable, Sendable, CustomStringConvertible {
    public var description: String

    init(doing operation: String) {
        description = "\(operation): \(unsafe TLSError.lastWords(nil))"
    }

    /// Removes the newest error from this thread's queue.
    static func lastWords(_ ssl: OpaquePointer?) -> String {
        // SAFETY: a local buffer whose size is passed; the text ends with a zero.
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let text = buffer.baseAddress else { return "" }
            unsafe tk_tls_error(ssl, text, 256)
            return unsafe String(cString: text)
        }
    }
}

/// Our certificate and key towards clients. Usable from any thread.
@safe
public final class ServerTLS: Sendable {
    // SAFETY: the context does not change after `init`; OpenSSL synchronizes its own counters.
    nonisolated(unsafe) let context: OpaquePointer

    /// `certificate` is a PEM file with the chain, leaf first; `key` a PEM file.
    public init(certificate: String, key: String) throws(TLSError) {
        // SAFETY: the strings are valid during the call, which reads the files and keeps neither.
        guard let context = unsafe tk_tls_server(certificate, key) else {
            throw TLSError(doing: "reading \(certificate) and \(key)")
        }
        unsafe self.context = context
    }

    // SAFETY: the last reference; connections hold references that OpenSSL counts itself.
    deinit { unsafe SSL_CTX_free(context) }
}

/// The trusted upstreams. Chain and host name are always verified. Usable from any thread.
@safe
public final class ClientTLS: Sendable {
    // SAFETY: see `ServerTLS`.
    nonisolated(unsafe) let context: OpaquePointer
    /// See `init`.
    let name: String?

    /// - Parameters:
    ///   - authorities: A PEM file of CAs; nil for the system's.
    ///   - name: In the peer's certificate; nil if it is the name of the host that is dialed.
    public init(authorities: String? = nil, expecting name: String? = nil) throws(TLSError) {
        self.name = name
        // SAFETY: the string is valid during the call.
        guard let context = unsafe tk_tls_client(authorities) else {
            throw TLSError(doing: "reading \(authorities ?? "the system's certificates")")
        }
        unsafe self.context = context
    }

    // SAFETY: see `ServerTLS`.
    deinit { unsafe SSL_CTX_free(context) }
}

/// The TLS state of one connection, on its loop's thread.
@safe
final class TLSSession {
    private let ssl: OpaquePointer
    /// Set by a read that must write first, or a write that must read first.
    private(set) var isHandshaking = true

    // SAFETY, for all of this type: `ssl` belongs to this object and is freed with it; memory
    // passed in is used within the call.

    init?(accepting fd: Int32, _ tls: ServerTLS) {
        guard let ssl = unsafe tk_tls_accepting(tls.context, fd) else { return nil }
        unsafe self.ssl = ssl
    }

    init?(connecting fd: Int32, _ tls: ClientTLS, host: String, resuming session: StoredSession?) {
        let host = tls.name ?? host
        let isAddress = SocketAddress(host: host, port: 0) != nil
        guard
            let ssl = unsafe tk_tls_connecting(
                tls.context, fd, host, isAddress ? 1 : 0, session?.session)
        else { return nil }
        unsafe self.ssl = ssl
    }

    deinit {
        // OpenSSL discards a session whose connection ends without close_notify, which is
        // irrelevant here: WebSocket has its own end.
        if !isHandshaking {
            unsafe SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN)
        }
        unsafe SSL_free(ssl)
    }

    func handshake() -> Transfer {
        let result = unsafe tk_tls_handshake(ssl)
        if result > 0 { isHandshaking = false }
        return Transfer(tls: Int(result))
    }

    /// Call once before the reads of each wake-up: after a read has emptied the socket, the kernel
    /// is not asked again until then.
    @inline(__always)
    func wokeUp() { unsafe tk_tls_woke(ssl) }

    @inline(__always)
    func read(into bytes: UnsafeMutableRawBufferPointer) -> Transfer {
        let count = Int32(truncatingIfNeeded: min(bytes.count, 1 << 30))
        return Transfer(tls: Int(unsafe tk_tls_read(ssl, bytes.baseAddress, count)))
    }

    /// False if another `read` would find nothing until the next wake-up.
    @inline(__always)
    var mayHaveMore: Bool { unsafe tk_tls_may_have_more(ssl) != 0 }

    @inline(__always)
    func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
        let count = Int32(truncatingIfNeeded: min(bytes.count, 1 << 30))
        return Transfer(tls: Int(unsafe tk_tls_write(ssl, bytes.baseAddress, count)))
    }

    /// Announces that nothing more will be sent.
    func finish() { if !isHandshaking { unsafe tk_tls_shutdown(ssl) } }

    /// Why the last call failed; must be read at once.
    var failure: String { unsafe TLSError.lastWords(ssl) }

    var wasResumed: Bool { unsafe SSL_session_reused(ssl) == 1 }

    func storeSession() -> StoredSession? {
        guard let session = unsafe tk_tls_session(ssl) else { return nil }
        return unsafe StoredSession(session)
    }
}

/// The result of reading or writing.
enum Transfer {
    case done(Int)
    case end
    case wantsRead
    case wantsWrite
    case failed

    @inline(__always)
    init(tls result: Int) {
        switch result {
        case 1...: self = .done(result)
        case 0: self = .end
        case -1: self = .wantsRead
        case -2: self = .wantsWrite
        default: self = .failed
        }
    }
}

/// A TLS session that an upstream lets us resume.
@safe
final class StoredSession {
    let session: OpaquePointer

    // SAFETY: one counted reference, taken over here and released with this object.
    init(_ session: OpaquePointer) { unsafe self.session = session }

    deinit { unsafe SSL_SESSION_free(session) }
}

/// The newest session of each upstream, so that the next dial saves a round trip and the
/// certificates. One cache per loop, because loops share nothing.
struct SessionCache {
    private struct Key: Hashable {
        var context: ObjectIdentifier
        var host: String
        var port: UInt16
    }
    private struct Entry {
        var session: StoredSession
        /// Keeps the key object from being freed and its identity from being reused.
        var tls: ClientTLS
    }
    /// Upstreams are few; beyond this the cache starts over.
    private static let capacity = 256
    private var entries: [Key: Entry] = [:]

    func session(_ tls: ClientTLS, _ endpoint: Endpoint) -> StoredSession? {
        entries[Key(context: ObjectIdentifier(tls), host: endpoint.host, port: endpoint.port)]?
            .session
    }

    mutating func store(_ session: StoredSession, _ tls: ClientTLS, _ endpoint: Endpoint) {
        if entries.count >= Self.capacity { entries = [:] }
        let key = Key(
            context: ObjectIdentifier(tls), host: endpoint.host, port: endpoint.port)
        entries[key] = Entry(session: session, tls: tls)
    }
}
