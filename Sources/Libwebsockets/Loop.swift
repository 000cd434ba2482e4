import CLibwebsockets
import CLinux

/// The context, its connections and the application; confined to the server's thread once that
/// exists.
@safe
public final class Loop {
    public let application: any Application
    let mailbox: Mailbox
    let settings: ContextSettings
    private(set) var port = 0
    var isStopping = false

    private var context: OpaquePointer?
    private var exchanges: [UInt: Exchange] = [:]
    private var sockets: [UInt: Socket] = [:]
    private var lastID: UInt = 0
    /// Connections without a request, by the bits of their pointers, in the order in which they
    /// became idle.
    private var idle: [UInt] = []
    private let mostIdle: Int
    /// Idle too long while others came, and ended by the library in a moment. A request that
    /// arrives before that must not revive them.
    private var condemned: Set<UInt> = []

    init(
        host: String, port: Int, tls: TLS?, mostIdle: Int, application: any Application,
        mailbox: Mailbox
    ) throws(StartFailure) {
        self.application = application
        self.mailbox = mailbox
        self.mostIdle = mostIdle
        settings = unsafe ContextSettings(host: host, port: port, tls: tls, callback: callback)
        // SAFETY: `destroy` destroys the context before this object and `settings` are released, so
        // its (unretained) reference to this object stays valid.
        let owner = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe context = Library.create(settings, owner: owner)
        guard let context = unsafe context,
            let vhost = unsafe lws_get_vhost_by_name(context, "default")
        else {
            destroy()
            throw StartFailure(
                doing: "listening on \(host):\(port)",
                said: Self.obstacle(host, port) ?? Library.lastWords)
        }
        self.port = Int(unsafe lws_get_vhost_listen_port(vhost))
        mailbox.open(UInt(bitPattern: context))
    }

    /// Why the address cannot be listened on, in the kernel's words, which the library does not
    /// report.
    private static func obstacle(_ host: String, _ port: Int) -> String? {
        var address = tk_address()
        // SAFETY: writes a local; the name lives for the call.
        let isAddress = unsafe tk_parse_address(
            host == "localhost" ? "127.0.0.1" : host, &address)
        guard isAddress == 1, let port = UInt16(exactly: port) else { return nil }
        address.port = port
        let failure = tk_try_listen(address)
        // SAFETY: the text is a constant of the C library, or belongs to this thread; copied at
        // once.
        return failure == 0 ? nil : unsafe strerror(-failure).map { unsafe String(cString: $0) }
    }

    /// Serves until a letter stops it.
    func run() {
        guard let context = unsafe context else { return }
        // SAFETY: the context belongs to this thread until `destroy`.
        while !isStopping, unsafe lws_service(context, 0) >= 0 { readMail() }
        destroy()
    }

    func readCertificateAgain() {
        guard let context = unsafe context, let tls = settings.tls else { return }
        // SAFETY: the strings are valid during the call; the context belongs to this thread.
        unsafe _ = lws_tls_cert_updated(context, tls.certificate, tls.key, nil, 0, nil, 0)
    }

    private func readMail() { for letter in mailbox.take() { letter(self) } }

    /// Ends all remaining connections; the application is told that every socket closed.
    func destroy() {
        for letter in mailbox.close() { letter(self) }
        if let context = unsafe context { unsafe Library.destroy(context) }
        unsafe context = nil
    }

    func exchange(_ id: UInt) -> Exchange? { exchanges[id] }

    /// Every callback of libwebsockets. A result other than 0 ends the connection.
    fileprivate func handle(
        _ wsi: OpaquePointer, _ reason: lws_callback_reasons, _ input: UnsafeMutableRawPointer?,
        _ length: Int
    ) -> Int32 {
        // SAFETY: libwebsockets calls this on the loop's thread; `wsi` and the bytes at `input` are
        // valid until it returns.
        let id = unsafe UInt(bitPattern: lws_get_opaque_user_data(wsi))
        switch reason {
        case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED: unsafe rest(wsi)
        case LWS_CALLBACK_HTTP:
            guard unsafe rouse(wsi) else { return -1 }
            return unsafe request(wsi)
        case LWS_CALLBACK_HTTP_WRITEABLE:
            let result = exchanges[id]?.write() ?? 0
            if exchanges[id]?.isOver == true { unsafe rest(wsi) }
            return result
        case LWS_CALLBACK_TIMER:
            exchanges[id]?.expire()
            if let socket = sockets[id], socket.isOpen { application.wokeUp(socket) }
        case LWS_CALLBACK_CLOSED_HTTP, LWS_CALLBACK_WSI_DESTROY:
            _ = unsafe rouse(wsi)
            condemned.remove(UInt(bitPattern: wsi))
            exchanges.removeValue(forKey: id)?.isOver = true
            if let socket = sockets.removeValue(forKey: id) { socket.end(application) }
        case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
            guard unsafe rouse(wsi) else { return -1 }
            return unsafe upgrade(wsi, input)
        case LWS_CALLBACK_ESTABLISHED:
            guard let socket = sockets[id] else { return -1 }
            socket.open()
            application.opened(socket)
        case LWS_CALLBACK_SERVER_WRITEABLE: return sockets[id]?.write() ?? -1
        case LWS_CALLBACK_RECEIVE:
            let bytes = unsafe UnsafeRawBufferPointer(start: input, count: length)
            return unsafe sockets[id]?.receive(bytes, application) ?? -1
        case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
            let bytes = unsafe UnsafeRawBufferPointer(start: input, count: length)
            unsafe sockets[id]?.receiveClose(bytes)
        case LWS_CALLBACK_CLOSED:
            if let socket = sockets.removeValue(forKey: id) { socket.end(application) }
        case LWS_CALLBACK_EVENT_WAIT_CANCELLED: readMail()
        default: break
        }
        return 0
    }

    /// If too many connections are idle, the one that has been idle longest is closed.
    private func rest(_ wsi: OpaquePointer) {
        guard unsafe rouse(wsi) else { return }
        idle.append(UInt(bitPattern: wsi))
        guard idle.count > mostIdle else { return }
        let bits = idle.removeFirst()
        condemned.insert(bits)
        // SAFETY: a connection leaves the list before it is freed, so this one is valid; the
        // library itself ends it later.
        if let oldest = unsafe OpaquePointer(bitPattern: bits) {
            unsafe lws_set_timeout(oldest, PENDING_TIMEOUT_HTTP_CONTENT, LWS_TO_KILL_ASYNC)
        }
    }

    /// Whether it may go on.
    private func rouse(_ wsi: OpaquePointer) -> Bool {
        let bits = UInt(bitPattern: wsi)
        if let index = idle.firstIndex(of: bits) { idle.remove(at: index) }
        return !condemned.contains(bits)
    }

    private func register(_ wsi: OpaquePointer) -> UInt {
        lastID += 1
        // SAFETY: a number stored as a pointer, never dereferenced.
        unsafe lws_set_opaque_user_data(wsi, UnsafeMutableRawPointer(bitPattern: lastID))
        return lastID
    }

    private func request(_ wsi: OpaquePointer) -> Int32 {
        // A kept-alive connection carries one exchange after another, each under its own number.
        unsafe exchanges.removeValue(forKey: UInt(bitPattern: lws_get_opaque_user_data(wsi)))?
            .isOver = true
        guard let request = unsafe Request(wsi) else { return -1 }
        let id = unsafe register(wsi)
        let exchange = unsafe Exchange(wsi, request)
        exchanges[id] = exchange
        exchange.expect()
        application.respond(to: request, with: Reply(exchange: id, mailbox: mailbox))
        return 0
    }

    /// Anything but `websocket` is disconnected: libwebsockets would upgrade to HTTP/2, which the
    /// hand-written heads of `Exchange` do not support.
    private func upgrade(_ wsi: OpaquePointer, _ name: UnsafeMutableRawPointer?) -> Int32 {
        guard let name = unsafe name?.assumingMemoryBound(to: CChar.self),
            unsafe strcasecmp(name, "websocket") == 0, let request = unsafe Request(wsi)
        else { return -1 }
        let id = unsafe register(wsi)
        let socket = unsafe Socket(id, wsi)
        guard let refusal = application.upgrade(request, to: socket) else {
            sockets[id] = socket
            settings.adoptSubprotocol(request.header("sec-websocket-protocol"))
            return 0
        }
        // By hand, because `lws_return_http_status` answers an upgrade as HTTP/1.0, which WebSocket
        // clients do not accept.
        unsafe Wire.write(Head.bytes(refusal, closes: true) + refusal.body, to: wsi)
        return -1
    }
}

/// Recovers the owner and leaves.
private let callback: lws_callback = { wsi, reason, _, input, length in
    // SAFETY: the context's user pointer is the loop that owns it.
    guard let wsi = unsafe wsi, let owner = unsafe lws_context_user(lws_get_context(wsi))
    else { return 0 }
    let loop = unsafe Unmanaged<Loop>.fromOpaque(owner).takeUnretainedValue()
    return unsafe loop.handle(wsi, reason, input, length)
}

typealias lws_callback =
    @convention(c) (
        OpaquePointer?, lws_callback_reasons, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?,
        Int
    ) -> Int32
