import Basics
import Ledger
import Policies
import Sessions
import Sharing
import Transport
import Wire

// Where nodes share conversations: what this one drives is kept for others, and what they have kept
// is claimed.
extension SessionDriver {
    /// The client can come back to it from now on.
    func share(_ handle: String) {
        guard let shared = worker.shared.conversations, let digest = Self.digest(handle) else {
            return
        }
        let offered = SharedPlace.offered(digest, after: place)
        place = offered
        shared.follow(digest, session: id, worker.loop.mailbox, offered.generation)
    }

    private static func digest(_ handle: String) -> String? {
        Digest.sha256(Array(handle.utf8))?.hex
    }

    func keepForOthers(_ memory: Memory, isOver: Bool) {
        guard let shared = worker.shared.conversations, let place else { return }
        shared.keep(
            memory, place.digest, place.generation, session: id, tenant: policy.tenant,
            isOver: isOver)
    }

    // MARK: The end

    /// Whether the client's close has to wait: sent away, it asks another node at once.
    func holdsFarewell(_ peer: Peer, _ close: Close) -> Bool {
        guard peer == .client, client?.isOpen == true else { return false }
        return place?.holds(close) ?? false
    }

    /// The session is over.
    func leaveToOthers() {
        guard let shared = worker.shared.conversations, let place else { return }
        shared.leave(place.digest, session: id)
        guard place.farewell != nil else { return }
        let (home, id) = (worker.loop.mailbox, id)
        shared.settle(place.digest) {
            Self.post(to: home, session: id) { $0?.sayFarewell() }
        }
    }

    /// Whether or not all could be written.
    func sayFarewell() {
        if let close = place?.takeFarewell() { end(.client, close) }
    }

    /// Another node goes on with the conversation in this generation.
    func superseded(by generation: Int64) {
        if place?.isSuperseded(by: generation) == true { handle(.movedAway) }
    }

    // MARK: The beginning

    /// Nothing is left of the session.
    func forgetPlace() {
        if let place { worker.shared.conversations?.leave(place.digest, session: id) }
        release = nil
    }

    /// Goes on with what another session of this node has driven until now.
    func inherit(_ claim: Claim, _ generation: Int64) {
        guard case .handle(let name, _) = claim, let digest = Self.digest(name) else { return }
        place = SharedPlace(digest: digest, generation: generation)
    }

    /// Goes on with what another node has driven, or this one before.
    func claimFromOthers(_ name: String, _ shared: SharedConversations) {
        guard let digest = Self.digest(name) else { return handle(.recalled(.unknown)) }
        let (home, id) = (worker.loop.mailbox, id)
        shared.claim(digest, tenant: policy.tenant, session: id, home) { answer in
            Self.post(to: home, session: id) { driver in
                if let driver {
                    driver.claimed(digest, answer)
                } else {
                    shared.leave(digest, session: id)
                }
            }
        }
    }

    func takeClaimed() {
        release = nil
        if let memory = place?.takeClaimed() { recalled(.remembered(memory)) }
    }

    private func claimed(_ digest: String, _ answer: SharedConversations.Answer) {
        switch answer {
        case .taken(let memory, let generation, let wasDriven):
            place = SharedPlace(digest: digest, generation: generation, claimed: memory)
            guard wasDriven else { return takeClaimed() }
            release = Timer(worker.loop, owner: self)
            release?.arm(at: worker.loop.now + Rounds.release)
        case .foreign: handle(.recalled(.foreign))
        case .unknown: handle(.recalled(.unknown))
        case .broken:
            worker.shared.log.write(
                .error, "what was kept of a conversation was changed since, and is not used",
                [("session", .string(id))])
            handle(.recalled(.unknown))
        case .failed(let why):
            worker.shared.log.write(
                .warning, "a returning client's conversation cannot be looked up",
                [("session", .string(id)), ("why", .string(why))])
            handle(.recalled(.unavailable))
        }
    }
}
