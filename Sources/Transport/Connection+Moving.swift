import CLinux
import WebSocket

// From one loop to another: a returning client may have been accepted by a different thread than
// the one its session lives on.

/// An open connection on its way between two threads, belonging to no loop.
///
/// A class, so that a connection that no loop takes is closed.
public final class DepartedConnection: @unchecked Sendable {
    // Unchecked: the holder of this object alone holds the connection; `leave` removes every other
    // reference of a loop, and `arrive` gives it to one loop, once.
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

    /// On the new loop's thread, between two reads. `nil` if the kernel does not accept it.
    public func arrive(on loop: EventLoop) -> Connection? {
        guard let connection else { return nil }
        self.connection = nil
        return connection.settle(on: loop, fd) ? connection : nil
    }
}

extension Connection {
    /// Removes an open connection from its loop. Call it on the loop's thread, from mail or a
    /// timer, not from a delegate call. Earlier output is sent; input that was read but not
    /// delivered moves along. The delegate is not called again. `nil` if the connection is not
    /// open.
    public func leave() -> DepartedConnection? {
        guard phase == .open, role == .server else { return nil }
        loop.flushStaged()
        guard phase == .open, writeFailure == nil, !isStaged else { return nil }
        delegate = nil
        source = nil
        // Its deadline belongs to the old loop; its interest is determined again.
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
        // Requested at once, and again by `updateInterest` when possible.
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
