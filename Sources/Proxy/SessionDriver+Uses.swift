import Basics
import Policies
import Sessions
import Transport

/// Waits until a use of the client's token is on disk: a client must not be able to use a token
/// again because this process was killed.
struct WrittenUse {
    enum Purpose {
        /// The upgrade has not been answered yet.
        case upgrade
        /// The conversation to be resumed is gone, and a new session begins instead.
        case newSession(Claim, ReturnRegistry.Found, hasPlace: Bool)
    }

    let purpose: Purpose
    /// A disk may take a minute; the client gets its answer earlier.
    let clock: Timer
}

extension SessionDriver {
    func awaitDisk(for purpose: WrittenUse.Purpose) {
        let clock = Timer(worker.loop, owner: self)
        clock.arm(at: worker.loop.now + ClientTokens.patience)
        writtenUse = WrittenUse(purpose: purpose, clock: clock)
    }

    func useWritten(_ isKept: Bool) {
        // An answer after that time finds the use given back.
        guard let purpose = writtenUse?.purpose else { return }
        writtenUse = nil
        switch (purpose, isKept) {
        case (.upgrade, true): begin()
        case (.upgrade, false): turnAway(.notKept)
        case (.newSession(let claim, let found, let hasPlace), true):
            conclude(claim, found, hasPlace: hasPlace)
        case (.newSession, false):
            // Its upgrade was answered, so 503 is no longer possible.
            if let grant { worker.shared.tokens.giveBack(grant.anew, .use) }
            handle(.limitReached(.tokenUses))
        }
    }
}
