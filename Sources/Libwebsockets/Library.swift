import CLibwebsockets
import CLinux
import Synchronization

/// What all contexts of the process share: the log, and OpenSSL's tables, which libwebsockets
/// accesses without a lock when a context is created or destroyed.
enum Library {
    /// Contexts are created and destroyed one at a time.
    private static let gate = Mutex(())
    private static let words = Mutex("")

    static func create(
        _ settings: ContextSettings, owner: UnsafeMutableRawPointer
    ) -> OpaquePointer? {
        unsafe gate.withLock { _ in
            words.withLock { $0 = "" }
            // SAFETY: a callback without a context; `settings` outlives the library's context. Only
            // errors are logged, and to us: the library itself would write to stderr.
            unsafe lws_set_log_level(Int32(LLL_ERR), listen)
            var info = unsafe settings.info
            unsafe info.user = owner
            let context = unsafe lws_create_context(&info)
            // The bits of a pointer, because the lock's result must not look shared.
            return UInt(bitPattern: context)
        }.pointer
    }

    static func destroy(_ context: OpaquePointer) {
        let bits = UInt(bitPattern: context)
        // SAFETY: the caller is the context's only thread and does not use it again.
        gate.withLock { _ in unsafe lws_context_destroy(bits.pointer) }
    }

    /// The newest error that the library reported, without its time stamp.
    static var lastWords: String {
        words.withLock { $0.isEmpty ? "libwebsockets gave no reason" : $0 }
    }

    fileprivate static func heard(_ line: String) {
        let text = line.split(separator: "]: ", maxSplits: 1).last.map(String.init) ?? line
        words.withLock { $0 = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "" }
    }
}

private let listen: @convention(c) (Int32, UnsafePointer<CChar>?) -> Void = { _, line in
    // SAFETY: a C string of the library, valid during the call.
    if let line = unsafe line { Library.heard(unsafe String(cString: line)) }
}

extension UInt {
    fileprivate var pointer: OpaquePointer? { unsafe OpaquePointer(bitPattern: self) }
}

/// The creation parameters, with the C strings and tables that the context keeps pointing to.
@safe
final class ContextSettings {
    let tls: TLS?
    private(set) var info = unsafe lws_context_creation_info()
    private var strings: [UnsafeMutablePointer<CChar>?] = unsafe []
    private let protocols = UnsafeMutablePointer<lws_protocols>.allocate(capacity: 2)

    /// The only protocol's name, in our own, writable memory.
    private let protocolName: UnsafeMutablePointer<CChar>?
    private static let protocolNameLimit = 63

    /// Connections per context. The loop polls, which is slow above a few hundred anyway.
    private static let maximumConnections: UInt32 = 4096
    /// A setup's API key and a browser's cookies fit; the default of 4 KB refuses such requests.
    private static let maximumHeaderBytes: UInt32 = 32 << 10
    /// Messages are passed on in pieces of at most this size.
    private static let receiveBuffer = 64 << 10
    /// A larger write would be split and copied.
    private static let writeLimit = 1 << 20

    /// `LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT`, a macro that Swift cannot import.
    private static let plainOnTLSPort: UInt64 = 1 << 3 | 1 << 12

    init(tls: TLS?, callback: lws_callback) {
        self.tls = tls
        // SAFETY: `protocols` and the strings are freed in `deinit`; the loop destroys the context
        // before it releases this object.
        unsafe protocols.initialize(repeating: lws_protocols(), count: 2)
        unsafe protocolName = strdup(String(repeating: "-", count: Self.protocolNameLimit))
        unsafe strings.append(protocolName)
        unsafe protocols[0].name = UnsafePointer(protocolName)
        unsafe protocols[0].callback = callback
        unsafe protocols[0].rx_buffer_size = Self.receiveBuffer
        unsafe protocols[0].tx_packet_size = Self.writeLimit
        unsafe info.protocols = UnsafePointer(protocols)
        unsafe info.port = CONTEXT_PORT_NO_LISTEN_SERVER
        unsafe info.gid = -1
        unsafe info.uid = -1
        unsafe info.fd_limit_per_thread = Self.maximumConnections
        unsafe info.max_http_header_data2 = Self.maximumHeaderBytes
        unsafe info.max_http_header_pool = 512
        unsafe info.keepalive_timeout = 60
        unsafe info.timeout_secs = 20
        var options: UInt64 = 0
        if let tls {
            options |= UInt64(LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT)
            if tls.takesPlain {
                options |= Self.plainOnTLSPort
                options |= UInt64(LWS_SERVER_OPTION_ALLOW_HTTP_ON_HTTPS_LISTENER)
            }
            unsafe info.ssl_cert_filepath = UnsafePointer(keep(tls.certificate))
            unsafe info.ssl_private_key_filepath = UnsafePointer(keep(tls.key))
            // Otherwise HTTP/2 would be offered.
            unsafe info.alpn = UnsafePointer(keep("http/1.1"))
        }
        unsafe info.options = options
    }

    deinit {
        unsafe strings.forEach { unsafe free($0) }
        unsafe protocols.deallocate()
    }

    /// Until the next upgrade, uses the first subprotocol that a client offers as ours:
    /// libwebsockets refuses clients that offer only unknown ones. (It also refuses lists over 128
    /// bytes, which cannot be avoided.)
    func adoptSubprotocol(_ offered: String) {
        guard let first = offered.split(whereSeparator: { $0 == "," || $0 == " " }).first,
            first.utf8.count <= Self.protocolNameLimit
        else { return }
        // SAFETY: the buffer holds the limit and a final zero; only the context's thread reads it,
        // right after this.
        for (index, byte) in (Array(first.utf8) + [0]).enumerated() {
            unsafe protocolName?[index] = CChar(bitPattern: byte)
        }
    }

    private func keep(_ text: String) -> UnsafeMutablePointer<CChar>? {
        let copy = unsafe strdup(text)
        unsafe strings.append(copy)
        return unsafe copy
    }
}
