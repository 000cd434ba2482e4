import Basics
import CLinux
import Ledger
import Policies
import Wire

/// Why no token was made.
enum TokenTrouble: Error {
    case mistake(TokenRequest.Mistake)
    /// The database of tokens does not answer.
    case cutOff
    /// This machine's disk does not take it.
    case notKept
}

/// What a client with a token is admitted for.
struct Visitor {
    var grant: Grant
    var pass: Grant.Pass
}

extension Grant {
    /// Whether it is in PostgreSQL.
    var isShared: Bool { !session.isEmpty }

    init?(_ token: SharedTokens.Token, session: String = "") {
        guard let digest = Digest(hex: token.digest) else { return nil }
        self.digest = digest
        tenant = token.tenant
        expires = token.expires
        newSessionsUntil = token.newSessionsUntil
        (uses, used, resumed) = (token.uses, token.used, token.resumed)
        written = (used, resumed)
        lock = SetupLock(
            setup: Array(token.setup.utf8),
            mask: token.mask.split(separator: ",").map(String.init))
        endUser = token.endUser
        self.session = session
    }

    /// The same for the session that begins instead of the one to be resumed: a use that was given
    /// back is never counted again.
    var anew: Grant {
        var anew = self
        if isShared { anew.session += ".anew" }
        return anew
    }

    /// The token as a row.
    var row: SharedTokens.Token {
        var row = SharedTokens.Token(
            digest: digest.hex, tenant: tenant, expires: expires,
            newSessionsUntil: newSessionsUntil, uses: uses,
            setup: String(decoding: lock.setup, as: UTF8.self),
            mask: lock.mask.joined(separator: ","), endUser: endUser)
        (row.used, row.resumed) = (used, resumed)
        return row
    }

    var isUnwritten: Bool { (used, resumed) != written }

    /// What has changed since it was written to the file.
    var change: StateFile.TokenChange {
        StateFile.TokenChange(
            row, used: used - written.used, resumed: resumed - written.resumed)
    }

    /// This grant was read from the file, and another is known here, which may have counts of its
    /// own: they are added.
    mutating func add(countsOf known: Grant) {
        used = max(known.used, used + known.used - known.written.used)
        resumed = max(known.resumed, resumed + known.resumed - known.written.resumed)
    }
}

// Tokens that are valid on all nodes. They carry a mark that only these nodes can make, so that the
// database is queried only for tokens that were once made, and for none of the vendor's.
extension ClientTokens {
    /// Follows the secret of a token: 96 bits.
    func mark(of secret: String) -> String { String(seal(["token", secret]).prefix(16)) }

    /// Whether it must be looked up in PostgreSQL.
    func isShared(_ token: String) -> Bool {
        guard shared != nil, token.hasPrefix(Grant.prefix) else { return false }
        let text = token.dropFirst(Grant.prefix.count)
        let secret = String(text.dropLast(16))
        return !secret.isEmpty && Digest.areEqual(mark(of: secret), String(text.suffix(16)))
    }

    func keep(
        _ token: String, _ digest: Digest, _ request: TokenRequest, _ tenant: String,
        in shared: SharedTokens,
        then receive: @escaping @Sendable (Result<String, TokenTrouble>) -> Void
    ) {
        shared.mint(most: (Self.mostPerTenant, Self.mostBytesPerTenant)) { now in
            do throws(TokenRequest.Mistake) {
                return .success(try Self.grant(request, digest, for: tenant, at: now).row)
            } catch {
                return .failure(error)
            }
        } then: { result in
            switch result {
            case .success(.made): receive(.success(token))
            case .success(.tooMany): receive(.failure(.mistake(Self.tooMany)))
            case .success(.mistaken(let mistake)): receive(.failure(.mistake(mistake)))
            case .failure: receive(.failure(.cutOff))
            }
        }
    }

    /// Counts a session before its upgrade is answered.
    /// - Parameter receive: Called once, on any thread. nil if nothing can be begun or resumed with
    ///   it.
    func visit(
        _ token: String, session: String,
        then receive: @escaping @Sendable (Result<Visitor?, TokenTrouble>) -> Void
    ) {
        guard let shared, let digest = Digest.sha256(Array(token.utf8)) else {
            return receive(.success(nil))
        }
        shared.visit(digest.hex, session: session) { result in
            guard case .success(let visit) = result else { return receive(.failure(.cutOff)) }
            guard let visit, let grant = Grant(visit.token, session: session) else {
                return receive(.success(nil))
            }
            if visit.isUse { return receive(.success(Visitor(grant: grant, pass: .use))) }
            let now = WallTime(nanoseconds: tk_wall())
            let mayResume = grant.obstacle(resuming: true, at: now) == nil
            receive(.success(mayResume ? Visitor(grant: grant, pass: .resumption) : nil))
        }
    }

    /// As for tokens in the file; counts are those of the upgrade.
    func settle(
        _ grant: Grant, _ pass: Grant.Pass, _ isResumption: Bool, in shared: SharedTokens
    ) -> Limit? {
        let now = WallTime(nanoseconds: tk_wall())
        let obstacle = grant.obstacle(resuming: isResumption, at: now)
        switch (pass, isResumption) {
        case (.use, false): return nil
        case (.resumption, false): return obstacle ?? .tokenUses
        case (.use, true):
            guard !grant.hasSpentResumptions else { return nil }
            shared.giveBack(grant.digest.hex, session: grant.session)
        case (.resumption, true):
            if let obstacle { return obstacle }
        }
        shared.resume(grant.digest.hex)
        return nil
    }

    /// As for tokens in the file.
    func beginAnew(
        _ grant: Grant, _ pass: Grant.Pass?, in shared: SharedTokens,
        then: @escaping @Sendable (UseOutcome) -> Void
    ) -> Limit? {
        // `settle` has not given the use back.
        if pass == .use, grant.hasSpentResumptions {
            then(.kept)
            return nil
        }
        shared.resume(grant.digest.hex, -1)
        let obstacle = grant.obstacle(resuming: false, at: WallTime(nanoseconds: tk_wall()))
        // Other sessions may have given uses back.
        if let obstacle, obstacle != .tokenUses { return obstacle }
        shared.visit(grant.digest.hex, session: grant.anew.session) { result in
            switch result {
            case .success(let visit?): then(visit.isUse ? .kept : .refused(.tokenUses))
            case .success(nil): then(.refused(.tokenExpiry))
            case .failure: then(.notKept)
            }
        }
        return nil
    }
}
