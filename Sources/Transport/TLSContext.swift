import COpenSSL

/// What a TLS context could not be made of, in OpenSSL's words.
public struct TLSError: Error, Equatable, Sendable, CustomStringConvertible {
    public var description: String

    init(doing operation: String) {
        description = "\(operation): \(unsafe TLSError.lastWords(nil))"
    }

    /// Takes the newest error off this thread's queue.
    static func lastWords(_ ssl: OpaquePointer?) -> String {
        // SAFETY: the buffer is a local, its size is told, and the text ends with a zero.
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let text = buffer.baseAddress else { return "" }
            unsafe tk_tls_error(ssl, text, 256)
            return unsafe String(cString: text)
        }
    }
}

/// How we present ourselves to clients: certificate and key. For any thread.
@safe
public final class ServerTLS: Sendable {
    // SAFETY: the context is not changed after `init`; OpenSSL guards what it counts itself.
    nonisolated(unsafe) let context: OpaquePointer

    /// `certificate` is a PEM file with the chain, leaf first; `key` a PEM file.
    public init(certificate: String, key: String) throws(TLSError) {
        // SAFETY: the strings live for the call, which reads the files and keeps neither.
        guard let context = unsafe tk_tls_server(certificate, key) else {
            throw TLSError(doing: "reading \(certificate) and \(key)")
        }
        unsafe self.context = context
    }

    // SAFETY: the last reference; connections hold references of OpenSSL's own counting.
    deinit { unsafe SSL_CTX_free(context) }
}

/// Whom we trust as upstream. Chain and host name are always verified. For any thread.
@safe
public final class ClientTLS: Sendable {
    // SAFETY: as for `ServerTLS`.
    nonisolated(unsafe) let context: OpaquePointer

    /// `authorities` is a PEM file of CAs; nil for the system's.
    public init(authorities: String? = nil) throws(TLSError) {
        // SAFETY: the string lives for the call.
        guard let context = unsafe tk_tls_client(authorities) else {
            throw TLSError(doing: "reading \(authorities ?? "the system's certificates")")
        }
        unsafe self.context = context
    }

    // SAFETY: as for `ServerTLS`.
    deinit { unsafe SSL_CTX_free(context) }
}

/// The TLS state of one connection; on its loop's thread.
@safe
final class TLSSession {
    private let ssl: OpaquePointer
    /// Set by a read that must write first, or a write that must read first.
    private(set) var isHandshaking = true

    // SAFETY, for all of this type: `ssl` is this object's alone and freed with it; memory handed
    // in is used within the call.

    init?(accepting fd: Int32, _ tls: ServerTLS) {
        guard let ssl = unsafe tk_tls_accepting(tls.context, fd) else { return nil }
        unsafe self.ssl = ssl
    }

    init?(connecting fd: Int32, _ tls: ClientTLS, host: String, resuming session: StoredSession?) {
        let isAddress = SocketAddress(host: host, port: 0) != nil
        guard
            let ssl = unsafe tk_tls_connecting(
                tls.context, fd, host, isAddress ? 1 : 0, session?.session)
        else { return nil }
        unsafe self.ssl = ssl
    }

    deinit {
        // A session is struck off where its connection ends without close_notify, which says
        // nothing here: WebSocket has an end of its own.
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

    /// Call once before the reads of each wake-up: a read that has emptied the socket asks the
    /// kernel no more until then.
    @inline(__always)
    func wokeUp() { unsafe tk_tls_woke(ssl) }

    @inline(__always)
    func read(into bytes: UnsafeMutableRawBufferPointer) -> Transfer {
        let count = Int32(truncatingIfNeeded: min(bytes.count, 1 << 30))
        return Transfer(tls: Int(unsafe tk_tls_read(ssl, bytes.baseAddress, count)))
    }

    @inline(__always)
    func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
        let count = Int32(truncatingIfNeeded: min(bytes.count, 1 << 30))
        return Transfer(tls: Int(unsafe tk_tls_write(ssl, bytes.baseAddress, count)))
    }

    /// Says that nothing more will be sent.
    func finish() { if !isHandshaking { unsafe tk_tls_shutdown(ssl) } }

    /// Why the last call failed; ask at once.
    var failure: String { unsafe TLSError.lastWords(ssl) }

    var wasResumed: Bool { unsafe SSL_session_reused(ssl) == 1 }

    func storeSession() -> StoredSession? {
        guard let session = unsafe tk_tls_session(ssl) else { return nil }
        return unsafe StoredSession(session)
    }
}

/// What came of reading or writing.
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

/// A TLS session an upstream let us resume.
@safe
final class StoredSession {
    let session: OpaquePointer

    // SAFETY: one counted reference, taken over here and given back with this object.
    init(_ session: OpaquePointer) { unsafe self.session = session }

    deinit { unsafe SSL_SESSION_free(session) }
}

/// The newest session of each upstream, so that the next dial there saves a round trip and the
/// certificates. One for each loop, since nothing is shared between them.
struct SessionCache {
    private struct Key: Hashable {
        var context: ObjectIdentifier
        var host: String
        var port: UInt16
    }
    private struct Entry {
        var session: StoredSession
        /// Keeps the key's object from being freed and its identity used again.
        var tls: ClientTLS
    }
    /// Upstreams are few; a policy that names more than this starts over.
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
