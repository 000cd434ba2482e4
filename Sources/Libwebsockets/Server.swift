public import Basics
import CLibwebsockets
import CLinux
import Synchronization
import Transport

/// One libwebsockets context on its own thread. The `Server` may be used from any thread; the
/// `Application` runs on the context's thread.
public final class Server: Sendable {
    /// The actual port.
    public let port: Int
    private let mailbox: Mailbox
    private let thread: Mutex<pthread_t?>

    /// Listens and serves until `stop`, or until the last reference to the server is released.
    ///
    /// - Parameters:
    ///   - host: `localhost` or a numeric address.
    ///   - port: 0 for any free port.
    ///   - most: How many connections there may be. When there are so many, the one that has been
    ///     idle longest is closed for a new one; below 4000, which the library accepts.
    public static func start(
        host: String, port: Int, tls: TLS? = nil, most: @escaping @Sendable () -> Int = { 4000 },
        application: sending any Application
    ) throws(StartFailure) -> Server {
        let mailbox = Mailbox()
        let loop = try Loop(
            host: host, port: port, tls: tls, most: most, application: application,
            mailbox: mailbox)
        let realPort = loop.port
        // SAFETY: the loop leaves this thread here: the new thread takes over the only reference.
        let baton = unsafe Unmanaged.passRetained(loop).toOpaque()
        var thread = pthread_t()
        // Signals are handled by other threads, so this one starts with all of them blocked.
        var all = sigset_t()
        var before = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
        let result = unsafe tk_start_thread(&thread, serve, baton)
        unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
        guard result == 0 else {
            unsafe Unmanaged<Loop>.fromOpaque(baton).takeRetainedValue().destroy()
            throw StartFailure(doing: "starting a thread for \(host):\(port)", said: "\(result)")
        }
        return Server(port: realPort, mailbox: mailbox, thread: thread)
    }

    private init(port: Int, mailbox: Mailbox, thread: pthread_t) {
        self.port = port
        self.mailbox = mailbox
        self.thread = Mutex(thread)
    }

    deinit { stop() }

    /// Ends all connections, releases the port and joins the thread. May be called again; not from
    /// the server's own thread.
    public func stop() {
        thread.withLock { thread in
            guard let running = thread else { return }
            mailbox.post { $0.isStopping = true }
            // SAFETY: joined once, since the handle is forgotten under the lock.
            pthread_join(running, nil)
            thread = nil
        }
    }

    /// Reads the certificate files again, for future connections. The files must match: otherwise
    /// the library keeps what it has read before.
    public func readCertificateAgain() { perform { $0.readCertificateAgain() } }

    /// Runs `body` soon on the server's thread. False, and not run, after `stop`.
    @discardableResult
    public func perform(_ body: @escaping @Sendable (Loop) -> Void) -> Bool { mailbox.post(body) }

    /// Runs `body` on the server's thread and waits for its result; nil after `stop`, or if the
    /// thread did not run it in this time. Not from the server's own thread.
    public func ask<Answer: Sendable>(
        within limit: Interval = .seconds(5), _ body: @escaping @Sendable (Loop) -> Answer
    ) -> Answer? {
        let letter = Letter<Answer>()
        guard mailbox.post({ letter.answer(body($0)) }) else { return nil }
        return letter.wait(limit)
    }
}

/// Certificate chain and private key, PEM files.
public struct TLS: Sendable {
    public var certificate: String
    public var key: String
    /// Whether plain connections are accepted on the same port.
    public var takesPlain: Bool

    public init(certificate: String, key: String, takesPlain: Bool = true) {
        self.certificate = certificate
        self.key = key
        self.takesPlain = takesPlain
    }
}

public struct StartFailure: Error, CustomStringConvertible {
    public let description: String

    public init(doing: String, said: String) { description = "\(doing): \(said)" }
}

/// The thread's main function: from the hand-over of the loop to its destruction.
private func serve(_ baton: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let baton = unsafe baton else { return nil }
    // SAFETY: the reference that `start` retained for this thread.
    let loop = unsafe Unmanaged<Loop>.fromOpaque(baton).takeRetainedValue()
    loop.run()
    return nil
}

/// An answer that another thread waits for.
private final class Letter<Answer: Sendable>: Sendable {
    private let content = Mutex<Answer?>(nil)
    private let answered = Latch()

    func answer(_ answer: Answer) {
        content.withLock { $0 = answer }
        answered.arrive()
    }

    func wait(_ limit: Interval) -> Answer? {
        _ = answered.wait(within: limit)
        return content.withLock { $0 }
    }
}
