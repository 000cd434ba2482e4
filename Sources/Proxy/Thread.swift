import CLinux

/// Threads by name. Everything that runs on one is handed over whole.
public enum Thread {
    private final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Runs `body` on a detached thread of its own.
    public static func start(name: String, _ body: @escaping @Sendable () -> Void) {
        // SAFETY: the box is retained here and released once, by the thread that takes it.
        let box = unsafe Unmanaged.passRetained(Start(name: name, body: body)).toOpaque()
        var thread = pthread_t()
        let failure = unsafe pthread_create(&thread, nil, run, box)
        precondition(failure == 0, "the system has no thread left")
        pthread_detach(thread)
    }

    private static let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? =
        {
            guard let box = unsafe $0 else { return nil }
            // SAFETY: balances the retain of `start`.
            let start = unsafe Unmanaged<Start>.fromOpaque(box).takeRetainedValue()
            unsafe tk_name_thread(start.name)
            start.body()
            return nil
        }
}
