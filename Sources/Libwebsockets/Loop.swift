import CLibwebsockets
import CLinux
import Transport

/// The context, its connections and the application; confined to the server's thread once that
/// exists.
@safe
public final class Loop {
    public let application: any Application
    let mailbox: Mailbox
    let settings: ContextSettings
    var port: Int { Int(listening.address.port) }
    var isStopping = false

    private(set) var context: OpaquePointer?
    /// Closed with the context.
    let listening: ListeningSocket
    /// The library's name for it.
    var door: OpaquePointer?
    /// Callers wait there.
    var hasCallers = false
    var isDoorShut = false
    var crowd = Crowd()
    let most: @Sendable () -> Int
    private var exchanges: [UInt: Exchange] = [:]
    private var sockets: [UInt: Socket] = [:]
    private var lastID: UInt = 0

    init(
        host: String, port: Int, tls: TLS?, most: @escaping @Sendable () -> Int,
        application: any Application, mailbox: Mailbox
    ) throws(StartFailure) {
        self.application = application
        self.mailbox = mailbox
        self.most = most
        listening = try Self.listen(host, port)
        settings = unsafe ContextSettings(tls: tls, callback: callback)
        // SAFETY: `destroy` destroys the context before this object and `settings` are released, so
        // its (unretained) reference to this object stays valid.
        let owner = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe context = Library.create(settings, owner: owner)
        guard let context = unsafe context, openDoor() else {
            if unsafe door == nil { listening.close() }
            destroy()
            throw StartFailure(
                doing: "serving on \(listening.address)", said: Library.lastWords)
        }
        mailbox.open(UInt(bitPattern: context))
    }

    /// Serves until a letter stops it.
    func run() {
        guard let context = unsafe context else { return }
        // SAFETY: the context belongs to this thread until `destroy`.
        while !isStopping, unsafe lws_service(context, 0) >= 0 {
            readMail()
            if hasCallers { admitCallers() }
        }
        destroy()
    }

    func readCertificateAgain() {
        guard let context = unsafe context, let tls = settings.tls else { return }
        // SAFETY: the strings are valid during the call; the context belongs to this thread.
        unsafe _ = lws_tls_cert_updated(context, tls.certificate, tls.key, nil, 0, nil, 0)
    }

    private func readMail() { for letter in mailbox.removeAll() { letter(self) } }

    /// Ends all remaining connections, and reports each socket's end to the application.
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
        case LWS_CALLBACK_RAW_RX_FILE: hasCallers = true
        case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED: crowd.rests(UInt(bitPattern: wsi))
        case LWS_CALLBACK_HTTP:
            return unsafe request(wsi)
        case LWS_CALLBACK_HTTP_WRITEABLE:
            let result = exchanges[id]?.write() ?? 0
            if exchanges[id]?.isOver == true { crowd.rests(UInt(bitPattern: wsi)) }
            return result
        case LWS_CALLBACK_TIMER:
            if unsafe wsi == door { reopenDoor() }
            exchanges[id]?.expire()
            if let socket = sockets[id], socket.isOpen { application.wokeUp(socket) }
        case LWS_CALLBACK_CLOSED_HTTP, LWS_CALLBACK_WSI_DESTROY:
            if unsafe wsi == door { unsafe door = nil }
            crowd.left(UInt(bitPattern: wsi))
            reopenDoor()
            exchanges.removeValue(forKey: id)?.isOver = true
            if let socket = sockets.removeValue(forKey: id) { socket.end(application) }
        case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: return unsafe upgrade(wsi, input)
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

    /// Ends up to `most` exchanges whose readers take nothing, those first that have been stuck
    /// longest.
    func endStuckExchanges(_ most: Int) -> Bool {
        let latest = tk_now() - Crowd.moment
        let stuck = exchanges.filter { ($0.value.waitsSince ?? .max) <= latest }
            .sorted { ($0.value.waitsSince ?? 0) < ($1.value.waitsSince ?? 0) }.prefix(most)
        for (id, exchange) in stuck {
            exchanges[id] = nil
            exchange.isOver = true
            unsafe crowd.left(UInt(bitPattern: exchange.wsi))
            unsafe end(exchange.wsi)
        }
        return !stuck.isEmpty
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
        // In a crowd, one answer each.
        let exchange = unsafe Exchange(wsi, request, isLast: crowd.count > most() / 2)
        exchanges[id] = exchange
        crowd.works(UInt(bitPattern: wsi))
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
            crowd.works(UInt(bitPattern: wsi))
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
