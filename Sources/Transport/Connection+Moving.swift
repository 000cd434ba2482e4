import CLinux
import WebSocket

// From one loop to another: a client that comes back may have been let in by another thread than
// the one its session lives on.

/// An open connection that is no loop's, on its way between two threads.
///
/// A class, so that a connection nobody takes in is closed.
public final class DepartedConnection: @unchecked Sendable {
    // Unchecked: whoever holds this alone holds the connection; `leave` gives up every other
    // reference a loop had, and `arrive` gives it to one loop, once.
    private var connection: Connection?
    private let fd: Int32

    fileprivate init(_ connection: Connection, _ fd: Int32) {
        self.connection = connection
        self.fd = fd
    }

    deinit {
        guard connection != nil else { return }
        tk_close(fd, 1)
        Descriptors.closed()
    }

    /// On the new loop's thread, between two reads. `nil` where the kernel does not take it in.
    public func arrive(on loop: EventLoop) -> Connection? {
        guard let connection else { return nil }
        self.connection = nil
        return connection.settle(on: loop, fd) ? connection : nil
    }
}

extension Connection {
    /// Takes an open connection off its loop. Call on the loop's thread, not from a delegate's call:
    /// from mail or a timer. What was sent before is sent; what has been read and not handed out
    /// goes along. The delegate is not called again. `nil` where the connection is not just open.
    public func leave() -> DepartedConnection? {
        guard phase == .open, role == .server else { return nil }
        loop.flushStaged()
        guard phase == .open, writeFailure == nil, !isStaged else { return nil }
        delegate = nil
        source = nil
        // Its deadline belongs to the old loop; what it watched for is found again.
        timer = nil
        isHeld = false
        isThrottled = false
        isOverLimit = false
        wasStuck = false
        loop.forget(self)
        loop.connectionCount -= 1
        return DepartedConnection(self, registration.stop(on: loop))
    }

    fileprivate func settle(on loop: EventLoop, _ fd: Int32) -> Bool {
        self.loop = loop
        loop.connectionCount += 1
        // Asked for at once, and again by `updateInterest` once it can be.
        guard registration.start(self, fd: fd, events: tk_in, on: loop) else {
            end(abruptly: true)
            return false
        }
        updateInterest()
        if !backlog.isEmpty { stageSelf() }
        if tls != nil || !partial.isEmpty { loop.readLater(self) }
        return true
    }
}
