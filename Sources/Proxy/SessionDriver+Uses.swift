import Basics
import Policies
import Sessions
import Transport

/// Waits until a use of the client's token is written down, in the file or in PostgreSQL: a client
/// must not be able to use a token again because this process was killed.
struct WrittenUse {
    enum Purpose {
        /// The upgrade has not been answered yet.
        case upgrade
        /// The conversation to be resumed is gone, and a new session begins instead.
        case newSession(Claim, ReturnRegistry.Found, hasPlace: Bool)
    }

    let purpose: Purpose
    /// Writing it down may take a minute; the client gets its answer earlier.
    let clock: Timer
}

/// What became of a use.
enum UseOutcome: Equatable, Sendable {
    case kept
    /// There is none left, or the token has expired.
    case refused(Limit)
    /// It cannot be written down now, and is to be given back.
    case notKept
}

extension SessionDriver {
    func awaitBooks(for purpose: WrittenUse.Purpose) {
        let clock = Timer(worker.loop, owner: self)
        clock.arm(at: worker.loop.now + ClientTokens.patience)
        writtenUse = WrittenUse(purpose: purpose, clock: clock)
    }

    func useWritten(_ outcome: UseOutcome) {
        // An answer after that time finds the use given back.
        guard let purpose = writtenUse?.purpose else { return }
        writtenUse = nil
        switch (purpose, outcome) {
        case (.upgrade, .kept): begin()
        case (.upgrade, .refused), (.upgrade, .notKept): turnAway(.notKept)
        case (.newSession(let claim, let found, let hasPlace), .kept):
            conclude(claim, found, hasPlace: hasPlace)
        case (.newSession, .refused(let limit)): handle(.limitReached(limit))
        case (.newSession, .notKept):
            // Its upgrade was answered, so 503 is no longer possible.
            if let grant { worker.shared.tokens.giveBack(grant.anew, .use) }
            handle(.limitReached(.tokenRecord))
        }
    }
}
