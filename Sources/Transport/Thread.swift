import CLinux

/// Runs `body` on its own kernel thread, which is never joined.
public func startThread(
    _ name: String, _ body: @escaping @Sendable () -> Void
) throws(SystemError) {
    let start = unsafe Unmanaged.passRetained(ThreadStart(name: name, body: body))
    var handle = pthread_t()
    // SAFETY: the retained object belongs to the thread, which takes it over first.
    let failure = unsafe tk_start_thread(&handle, runThread, start.toOpaque())
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

// A named function: a closure could inherit an actor's isolation from its context, and would then
// trap on its own thread.
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
