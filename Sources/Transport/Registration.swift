import CLinux

/// Anything the kernel can report events for.
protocol Pollable: AnyObject {
    /// Something happened; `events` are epoll's.
    func ready(_ events: UInt32)
}

/// A file descriptor's place in a loop: its slot and the events it waits for. Only changes are
/// passed to the kernel.
struct Registration {
    private(set) var fd: Int32 = -1
    private(set) var events: UInt32 = 0
    private(set) var tag: UInt64 = 0

    var isActive: Bool { fd >= 0 }

    /// `fd` remains for the caller to close, with `stop(closing:)` or otherwise.
    mutating func start(
        _ owner: any Pollable, fd: Int32, events: UInt32, on loop: EventLoop
    ) -> Bool {
        self.fd = fd
        self.events = events
        tag = loop.enroll(owner)
        return tk_epoll_add(loop.epoll, fd, events, tag) == 0
    }

    @inline(__always)
    mutating func wait(for events: UInt32, on loop: EventLoop) {
        guard events != self.events, fd >= 0 else { return }
        self.events = events
        _ = tk_epoll_modify(loop.epoll, fd, events, tag)
    }

    /// Ends the registration; returns the descriptor, still open.
    mutating func stop(on loop: EventLoop) -> Int32 {
        guard fd >= 0 else { return -1 }
        let released = fd
        _ = tk_epoll_remove(loop.epoll, fd)
        loop.dismiss(tag)
        fd = -1
        events = 0
        return released
    }
}
