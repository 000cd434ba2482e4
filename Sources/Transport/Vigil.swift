import Basics
import CLinux

/// Whether gemini's host still acknowledges what it is sent: while data is in flight, the kernel's
/// figures for the socket are checked at intervals. `TCP_USER_TIMEOUT` would need no timer, but
/// also counts the time for which the peer's window is closed: a gemini that does not read for a
/// while would be taken for dead.
struct Vigil {
    let timer: Timer
    /// Consecutive checks that found no new acknowledgement. They are counted because a pause of
    /// this process then counts as only one.
    var failures: Int32 = 0
}

extension Connection {
    private static let looks: Int32 = 6

    private var look: Interval {
        Interval(nanoseconds: loop.patience.acknowledgement.nanoseconds / Int64(Self.looks))
    }

    /// Something was sent: begins to check that it is acknowledged.
    func beginVigil() {
        isUnwatched = false
        let timer = vigil?.timer ?? Timer(loop, owner: self)
        self.vigil = Vigil(timer: timer)
        timer.arm(at: loop.now + look)
    }

    func lookForAcknowledgement() {
        guard phase == .open, let vigil else { return }
        let timer = vigil.timer
        let silence = tk_unacknowledged(registration.fd)
        // Data that a closed window holds back is checked from the next message on, at the latest a
        // ping.
        guard silence > 0 else {
            isUnwatched = true
            return
        }
        let failures = silence < look.milliseconds ? 0 : vigil.failures + 1
        self.vigil = Vigil(timer: timer, failures: failures)
        guard failures >= Self.looks else { return timer.arm(at: loop.now + look) }
        let patience = loop.patience.acknowledgement.milliseconds
        let failure = ConnectionFailure(
            .timedOut, "the peer's host has acknowledged nothing for \(patience) ms")
        end(failure, abruptly: true)
    }
}
