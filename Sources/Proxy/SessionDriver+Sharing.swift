import Basics
import Ledger
import Policies
import Sessions
import Sharing
import Transport
import Wire

// For nodes that share conversations: keeps what this node drives for others, and claims what they
// have kept.
extension SessionDriver {
    /// From now on the client can return to this conversation.
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
            isOver: isOver, leavesPlace: handsOver)
    }

    // MARK: The end

    /// Whether the client's close must wait: a client that is sent away asks another node at once.
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

    /// Called whether or not everything could be written.
    func sayFarewell() {
        if let close = place?.takeFarewell() { end(.client, close) }
    }

    /// Another node continues the conversation in this generation. That node waits a moment for
    /// what has not been written yet.
    func superseded(by generation: Int64) {
        guard place?.isSuperseded(by: generation) == true else { return }
        // This session's own claim may be the newer one.
        guard place?.isClaiming == true else { return moveAway() }
        guard doubt == nil else { return }
        let timer = Timer(worker.loop, owner: self)
        timer.arm(at: worker.loop.now + Rounds.doubt)
        doubt = timer
    }

    func moveAway() {
        doubt = nil
        guard let shared = worker.shared.conversations, let place else { return }
        self.place?.moveAway()
        handle(.movedAway)
        shared.settle(place.digest) {}
    }

    // MARK: The beginning

    /// Removes every trace of the session.
    func forgetPlace() {
        // It had no place, or no budget: no session drives the conversation.
        if let memory = unoffered { keepForOthers(memory, isOver: true) }
        if let place { worker.shared.conversations?.leave(place.digest, session: id) }
        heldClaim = nil
        doubt = nil
    }

    /// Continues what another session of this node has driven until now.
    func inherit(_ claim: Claim, _ generation: Int64) {
        guard let shared = worker.shared.conversations, case .handle(let name, _) = claim,
            let digest = Self.digest(name)
        else { return }
        place = SharedPlace(digest: digest, generation: generation)
        shared.follow(digest, session: id, worker.loop.mailbox, generation)
        renewClaim()
    }

    /// The client has returned to this node, and continues at once. Another node that it asked
    /// before may have claimed the conversation, or may still do so: that node must learn that the
    /// client has moved on.
    func renewClaim() {
        guard let shared = worker.shared.conversations, let digest = place?.digest else { return }
        place?.claim()
        let (home, id) = (worker.loop.mailbox, id)
        shared.renew(digest, session: id, asked: worker.loop.now) { answer in
            Self.post(to: home, session: id) { $0?.renewed(answer) }
        }
    }

    private func renewed(_ answer: Conversations.Renewed) {
        var generation: Int64?
        if case .renewed(let new) = answer { generation = new }
        // If another node has it, this node was cut off when that node claimed it, or the client
        // has gone there since.
        if place?.claimed(in: generation) == true || answer == .superseded { return moveAway() }
        if place?.isClaiming != true { doubt = nil }
    }

    /// Continues what another node has driven, or this one before.
    func claimFromOthers(_ name: String, _ shared: SharedConversations) {
        guard let digest = Self.digest(name) else { return recalled(.unknown) }
        claim(digest, shared, asked: worker.loop.now, isLast: false)
    }

    private func claim(
        _ digest: String, _ shared: SharedConversations, asked: Instant, isLast: Bool
    ) {
        shared.claim(
            digest, tenant: policy.tenant, session: id, asked: asked, worker.loop.mailbox,
            claimed(digest, shared, asked: asked, isLast: isLast))
    }

    /// The time for the other node has passed.
    func resumeClaim() {
        guard let shared = worker.shared.conversations, let held = heldClaim.take() else { return }
        guard let generation = held.generation else {
            return claim(held.digest, shared, asked: held.asked, isLast: true)
        }
        shared.take(
            held.digest, generation, session: id, worker.loop.mailbox,
            claimed(held.digest, shared, asked: held.asked, isLast: true))
    }

    /// - Parameter asked: When the client arrived, shortly before the claim.
    private func hold(_ digest: String, _ generation: Int64?, asked: Instant) {
        let timer = Timer(worker.loop, owner: self)
        let took = worker.loop.now - asked
        timer.arm(at: worker.loop.now + Rounds.release(afterClaimOf: took))
        heldClaim = HeldClaim(digest: digest, generation: generation, asked: asked, timer: timer)
    }

    private func claimed(
        _ digest: String, _ shared: SharedConversations, asked: Instant, isLast: Bool
    ) -> @Sendable (SharedConversations.Answer) -> Void {
        let (home, id) = (worker.loop.mailbox, id)
        return { answer in
            Self.post(to: home, session: id) { driver in
                if let driver {
                    driver.claimed(digest, answer, asked: asked, isLast: isLast)
                } else {
                    shared.leave(digest, session: id)
                }
            }
        }
    }

    private func claimed(
        _ digest: String, _ answer: SharedConversations.Answer, asked: Instant, isLast: Bool
    ) {
        switch answer {
        case .taken(let memory, let holder, let hasPlace):
            if let holder {
                worker.shared.log.write(
                    .info, "a conversation goes on from what its node had written",
                    [
                        ("session", .string(id)), ("node", .own(holder)),
                        ("seconds_ago", .seconds(memory.age.seconds)),
                        ("why", .string("it is dead, cut off or slow, and has not let go")),
                    ])
            }
            place = SharedPlace(digest: digest, generation: memory.generation)
            recalled(.remembered(memory), hasPlace: hasPlace)
        case .driven(let generation): hold(digest, generation, asked: asked)
        case .superseded: handle(.movedAway)
        case .foreign: recalled(.foreign)
        // The node that has it may not have written it yet.
        case .unknown where !isLast: hold(digest, nil, asked: asked)
        case .unknown: recalled(.unknown)
        case .broken:
            worker.shared.log.write(
                .error, "a stored conversation was altered, and is not used",
                [("session", .string(id))])
            recalled(.unknown)
        case .failed(let why):
            // During an outage every client tries again and again.
            if let untold = worker.refusalsTold["look-up", default: Allowance()].take(
                at: worker.loop.now)
            {
                worker.shared.log.write(
                    .warning, "a returning client's conversation cannot be looked up",
                    [("session", .string(id)), ("why", .string(why))]
                        + (untold > 0 ? [("others_not_logged", .integer(untold))] : []))
            }
            handle(.recalled(.unavailable))
        }
    }
}

/// A client's claim to a conversation, while another node releases it, or writes it.
struct HeldClaim {
    var digest: String
    /// The generation in which to take it; nil if it was unknown: it is claimed once more.
    var generation: Int64?
    /// When the client arrived here.
    var asked: Instant
    var timer: Timer
}
