import Basics
import Ledger
import Policies
import Sessions
import Transport
import Wire

/// A session's conversation among those that other nodes may go on with.
struct SharedPlace {
    /// Of the client's handle.
    var digest: String
    /// In which this node drives it: nobody else does, unless in a higher one.
    var generation: Int64 = 1
    /// The session keeps it for others, until its end.
    var isOffered = false
    /// What it has claimed, until the other node has let go.
    var claimed: Memory?
    var release: Timer?
    /// The client is told to come back elsewhere, once all is written.
    var farewell: Close?
}

// Where nodes share conversations: what this one drives is kept for others, and what they have kept
// is claimed.
extension SessionDriver {
    /// The client can come back to it from now on.
    func share(_ handle: String) {
        guard let shared = worker.shared.conversations, let digest = Self.digest(handle) else {
            return
        }
        if place?.digest != digest { place = SharedPlace(digest: digest) }
        place?.isOffered = true
        shared.follow(digest, session: id, worker.loop.mailbox, place?.generation ?? 1)
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
        guard peer == .client, close.code == 1001, place?.isOffered == true, client?.isOpen == true
        else {
            return false
        }
        place?.farewell = close
        return true
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
        guard let close = place?.farewell else { return }
        place?.farewell = nil
        end(.client, close)
    }

    /// Another node goes on with the conversation in this generation.
    func superseded(by generation: Int64) {
        guard let generationHere = place?.generation, generationHere < generation else { return }
        place?.claimed = nil
        handle(.movedAway)
    }

    // MARK: The beginning

    /// Nothing is left of the session.
    func forgetPlace() {
        if let place { worker.shared.conversations?.leave(place.digest, session: id) }
        place?.release = nil
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

    /// How long another node may need to let go of gemini's connection: it hears of the claim in its
    /// next round. One that is cut off, or dead, is not waited for longer.
    private static let release = SharedState.pause + .milliseconds(200)

    func takeClaimed() {
        place?.release = nil
        guard let memory = place?.claimed else { return }
        place?.claimed = nil
        handle(.recalled(.remembered(memory)))
    }

    private func claimed(_ digest: String, _ answer: SharedConversations.Answer) {
        switch answer {
        case .taken(var memory, let generation, let wasDriven):
            memory.generation = generation
            place = SharedPlace(digest: digest, generation: generation)
            guard wasDriven else { return handle(.recalled(.remembered(memory))) }
            place?.claimed = memory
            place?.release = Timer(worker.loop, owner: self)
            place?.release?.arm(at: worker.loop.now + Self.release)
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
