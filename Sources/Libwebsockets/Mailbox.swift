import CLibwebsockets
import Synchronization

/// Work for a loop from other threads.
final class Mailbox: Sendable {
    private struct State {
        var letters: [@Sendable (Loop) -> Void] = []
        /// Address of the `lws_context` to wake; 0 before it runs and after it has ended.
        var context: UInt = 0
        var isClosed = false
    }
    private let state = Mutex(State())

    @discardableResult
    func post(_ letter: @escaping @Sendable (Loop) -> Void) -> Bool {
        state.withLock { state in
            if state.isClosed { return false }
            state.letters.append(letter)
            // SAFETY: `lws_cancel_service` may be called from any thread while the context lives;
            // `close` forgets it under this lock before it is destroyed.
            if let context = unsafe OpaquePointer(bitPattern: state.context) {
                unsafe lws_cancel_service(context)
            }
            return true
        }
    }

    func open(_ context: UInt) { state.withLock { $0.context = context } }

    func removeAll() -> [@Sendable (Loop) -> Void] {
        state.withLock { state in
            defer { state.letters = [] }
            return state.letters
        }
    }

    /// Returns the last letters; none is accepted afterwards.
    func close() -> [@Sendable (Loop) -> Void] {
        state.withLock { state in
            defer { state = State(isClosed: true) }
            return state.letters
        }
    }
}
