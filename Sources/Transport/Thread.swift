import CLinux

/// Runs `body` on a kernel thread of its own, which nobody waits for.
public func startThread(
    _ name: String, _ body: @escaping @Sendable () -> Void
) throws(SystemError) {
    let start = unsafe Unmanaged.passRetained(ThreadStart(name: name, body: body))
    var handle = pthread_t()
    // SAFETY: the retained object is the thread's alone; it takes it over as its first act.
    let failure = unsafe pthread_create(&handle, nil, runThread, start.toOpaque())
    guard failure == 0 else {
        unsafe start.release()
        throw SystemError("starting a thread", failure)
    }
    pthread_detach(handle)
}

private final class ThreadStart: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

// A named function: a closure in its place could take an actor's isolation from its context, and
// would then trap on a thread of its own.
private nonisolated func runThread(
    _ argument: UnsafeMutableRawPointer?
) -> UnsafeMutableRawPointer? {
    guard let argument = unsafe argument else { return nil }
    // SAFETY: `startThread` passed one retained ThreadStart, taken over here.
    let start = unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
    unsafe tk_name_thread(start.name)
    start.body()
    return nil
}
