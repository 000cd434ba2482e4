import Basics
import CLinux
import Ledger
import Policies
import Sessions
import Synchronization
import Transport

/// Looks handles up in the ledger, on its own thread: workers must not wait for a disk.
final class ReturnQueries: Sendable {
    typealias Receiver = @Sendable (Recalled) -> Void

    private struct Question {
        var digest: String
        var tenant: String
        var receive: Receiver
    }

    private struct State {
        var questions: [Question] = []
        var isOpen = true
    }

    private let state = Mutex(State())
    private let thread = BackgroundThread()
    private let path: String

    /// If more clients return at once, further queries get no answer: the ledger is then overloaded
    /// anyway.
    private static let capacity = 1000

    private init(_ path: String) { self.path = path }

    static func open(_ path: String) -> ReturnQueries? {
        let queries = ReturnQueries(path)
        do throws(SystemError) {
            try queries.thread.start("returns") { queries.work() }
            return queries
        } catch {
            return nil
        }
    }

    /// - Parameter receive: Called once, on any thread, perhaps before this returns.
    func ask(_ handle: String, tenant: String, _ receive: @escaping Receiver) {
        guard let digest = Digest.sha256(Array(handle.utf8)) else { return receive(.unknown) }
        let isTaken = state.withLock { state in
            guard state.isOpen, state.questions.count < Self.capacity else { return false }
            state.questions.append(
                Question(digest: digest.hex, tenant: tenant, receive: receive))
            return true
        }
        isTaken ? thread.wake() : receive(.unknown)
    }

    func close() {
        state.withLock { $0.isOpen = false }
        thread.wake()
    }

    private func work() {
        var reader: LedgerReader?
        while true {
            thread.sleep()
            let (questions, isOpen) = state.withLock { state in
                defer { state.questions = [] }
                return (state.questions, state.isOpen)
            }
            for question in questions {
                do throws(LedgerError) {
                    let open = if let reader { reader } else { try LedgerReader(path) }
                    reader = open
                    question.receive(try answer(question, open))
                } catch {
                    reader = nil
                    question.receive(.unknown)
                }
            }
            if !isOpen { return }
        }
    }

    private func answer(
        _ question: Question, _ reader: LedgerReader
    ) throws(LedgerError) -> Recalled {
        let now = WallTime(nanoseconds: tk_wall())
        guard let kept = try reader.keptReturn(digest: question.digest, at: now) else {
            return .unknown
        }
        return kept.tenant == question.tenant ? .remembered(kept.memory(at: now)) : .foreign
    }
}
