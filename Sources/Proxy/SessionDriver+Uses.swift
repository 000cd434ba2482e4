import Basics
import Policies
import Sessions
import Transport

/// What waits until a use of the client's token is on disk: whoever uses a token once must not use it
/// again because this process was killed.
struct WrittenUse {
    enum Purpose {
        /// Before the upgrade is answered.
        case upgrade
        /// What was to be resumed is gone, and a new session begins in its place.
        case newSession(Claim, ReturnRegistry.Found, hasPlace: Bool)
    }

    let purpose: Purpose
    /// A disk may take a minute; the client is told before.
    let clock: Timer
}

extension SessionDriver {
    func awaitDisk(for purpose: WrittenUse.Purpose) {
        let clock = Timer(worker.loop, owner: self)
        clock.arm(at: worker.loop.now + ClientTokens.patience)
        writtenUse = WrittenUse(purpose: purpose, clock: clock)
    }

    func useWritten(_ isKept: Bool) {
        // What comes after its time has been given back.
        guard let purpose = writtenUse?.purpose else { return }
        writtenUse = nil
        switch (purpose, isKept) {
        case (.upgrade, true): begin()
        case (.upgrade, false): turnAway(.notKept)
        case (.newSession(let claim, let found, let hasPlace), true):
            conclude(claim, found, hasPlace: hasPlace)
        case (.newSession, false):
            // Its upgrade was answered, so there is no 503 any more.
            if let grant { worker.shared.tokens.giveBack(grant, .use) }
            handle(.limitReached(.tokenUses))
        }
    }
}
