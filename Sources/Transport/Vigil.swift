import Basics
import CLinux

/// Whether gemini's host still acknowledges what it is sent. That is found by looking at the
/// kernel's figures for the socket while something is under way. `TCP_USER_TIMEOUT` would do the same
/// without a timer, but counts a window that stays closed, too: a gemini that does not read for a
/// while would be taken for dead.
struct Vigil {
    let timer: Timer
    /// Looks in a row that found no acknowledgement since the one before. Counted, because if this
    /// process is stopped for a while, that is one look.
    var failures: Int32 = 0
}

extension Connection {
    private static let looks: Int32 = 6

    private var look: Interval {
        Interval(nanoseconds: loop.patience.acknowledgement.nanoseconds / Int64(Self.looks))
    }

    /// Something was sent, and nobody looks for its acknowledgement yet.
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
        // What a closed window holds back is watched from the next message on, a ping at the latest.
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
