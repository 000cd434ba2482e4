import CLibwebsockets
import CLinux
import Transport

// The library accepts all waiting callers at once, and spins when no descriptor is left. So the
// listening socket is ours, and the library only reports that callers wait.
extension Loop {
    static func listen(_ host: String, _ port: Int) throws(StartFailure) -> ListeningSocket {
        let name = host == "localhost" ? "127.0.0.1" : host.isEmpty ? "0.0.0.0" : host
        guard let number = UInt16(exactly: port),
            let address = SocketAddress(host: name, port: number)
        else {
            throw StartFailure(doing: "listening on \(host):\(port)", said: "no such address")
        }
        do throws(SystemError) {
            return try ListeningSocket.bind(address, count: 1, alone: true)[0]
        } catch {
            throw StartFailure(doing: "listening on \(address)", said: SystemError.text(error.code))
        }
    }

    /// The library takes the socket for a file that can be read now and then.
    func openDoor() -> Bool {
        guard let vhost = unsafe vhost else { return false }
        var descriptor = lws_sock_file_fd_type()
        unsafe descriptor.filefd = listening.fd
        // SAFETY: the library owns the descriptor if it returns a connection, which lives as long
        // as the context.
        unsafe door = lws_adopt_descriptor_vhost(
            vhost, LWS_ADOPT_RAW_FILE_DESC, descriptor, nil, nil)
        return unsafe door != nil
    }

    private var vhost: OpaquePointer? {
        // SAFETY: both live until `destroy`.
        unsafe context.flatMap { unsafe lws_get_vhost_by_name($0, "default") }
    }

    /// Called between two rounds of the library, when nothing of it refers to a connection that
    /// could be closed here.
    func admitCallers() {
        hasCallers = false
        guard let vhost = unsafe vhost else { return }
        for _ in 0..<Self.mostAtOnce {
            guard crowd.count < most() else {
                if !giveWay() { shutDoor() }
                return
            }
            var peer = tk_address()
            // SAFETY: writes into a local variable.
            let caller = unsafe tk_accept(listening.fd, &peer)
            switch -caller {
            case ..<1:
                // SAFETY: the library owns the descriptor from here on, also if it refuses it.
                unsafe _ = lws_adopt_socket_vhost(vhost, caller)
            case EAGAIN: return
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return shutDoor()
            default: continue  // The caller left before it was accepted; try the next.
            }
        }
    }

    /// Accepted between two rounds, so that a rush does not starve connections with requests.
    private static let mostAtOnce = 64

    /// Closes connections to make room; false if there are none to close. The library does so at
    /// the beginning of its next round, before it reads anything, and frees their descriptors.
    private func giveWay() -> Bool {
        let count = max(1, most() / 8)
        let leaving = crowd.takeIdle(count)
        for connection in leaving {
            // SAFETY: the connection has only just left the crowd, where all are alive.
            if let wsi = unsafe OpaquePointer(bitPattern: connection) { unsafe end(wsi) }
        }
        return !leaving.isEmpty || endStuckExchanges(count)
    }

    func end(_ wsi: OpaquePointer) {
        // SAFETY: the caller's `wsi` is alive.
        unsafe lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, LWS_TO_KILL_ASYNC)
    }

    /// No caller can be accepted for the moment: they wait in the kernel's queue.
    private func shutDoor() {
        guard let door = unsafe door else { return }
        isDoorShut = true
        // SAFETY: the door is valid until `destroy`.
        unsafe _ = lws_rx_flow_control(door, 0)
        unsafe lws_set_timer_usecs(door, 20_000)
    }

    /// Called a while later, or when a connection has ended.
    func reopenDoor() {
        guard isDoorShut, let door = unsafe door else { return }
        isDoorShut = false
        // SAFETY: the door is valid until `destroy`.
        unsafe _ = lws_rx_flow_control(door, 1)
    }
}
