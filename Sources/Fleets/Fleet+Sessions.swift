import Basics
import Policies
import Sessions
import Sharing
import SimulatedGemini
import Wire

// A session's shell: as `SessionDriver` does it in the proxy.
extension Fleet {
    func perform(
        _ action: Action, _ seat: FleetSeat, _ event: Event, _ payload: [UInt8], _ usage: Wire.Usage
    ) {
        switch action {
        case .forward:
            if case .clientSent(_, let opcode) = event {
                toGemini(seat, payload, opcode)
            } else {
                toClient(seat, payload)
            }
        case .send(.gemini, let bytes, let opcode): toGemini(seat, bytes, opcode)
        case .send(.client, let bytes, _): toClient(seat, bytes)
        case .dial(let link):
            let delay = Interval.milliseconds(draw(plan.network))
            seat.legs.append(FleetLeg(delay: delay))
            let target =
                "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
            post(
                .toGemini(
                    seat: seat.number, link: link, .opened(Upgrade(target: target, apiKey: "KEY")),
                    []), after: delay)
        case .use(let link): seat.used = link
        case .drop(let link): hangUp(seat, link, .abnormal)
        case .accept: if let line = seat.line { post(.accepted(line), after: line.delay) }
        case .refuse(let refusal): endClient(seat, refusal.close)
        case .ping(.client):
            if let line = seat.line, !line.isCut {
                post(.event(seat: seat.number, .clientPonged(line.delay)), after: line.delay)
            }
        case .ping(.gemini):
            post(
                .event(seat: seat.number, .geminiPonged(seat.used, .milliseconds(10))),
                after: .milliseconds(10))
        case .close(.client, let close):
            if seat.line != nil, seat.place?.holds(close) == true { return }
            endClient(seat, close)
        case .close(.gemini, let close): hangUp(seat, seat.used, close)
        case .choose(let model): seat.waiting.insert(.chosen(model: model), at: 0)
        case .note(let fact): note(fact, seat, usage)
        case .recall(let claim, let fingerprint):
            post(.recall(seat: seat.number, claim, fingerprint), after: .zero)
        case .offer(let handle, let fingerprint, let parks):
            guard takesPlace(seat, ofConversation: false) else {
                return seat.waiting.append(.limitReached(.sessions))
            }
            seat.unoffered = nil
            let process = seat.process
            let offer = LiveOffer(
                fingerprint: fingerprint, parks: parks, generation: seat.place?.generation ?? 1)
            process.registry[handle] = (seat.number, offer)
            let place = SharedPlace.offered(handle, after: seat.place)
            seat.place = place
            follow(handle, seat, place.generation)
        case .keep(_, let memory): keep(seat, memory, isOver: false)
        case .retire(let handle, let memory):
            seat.left = memory
            if seat.process.registry[handle]?.seat == seat.number {
                seat.process.registry[handle] = nil
            }
            if let memory = memory?.stored { keep(seat, memory, isOver: !seat.isSucceeded) }
            leaveToOthers(seat)
        // Messages under way still arrive.
        case .pause, .resume, .limit: break
        }
    }

    private func toGemini(_ seat: FleetSeat, _ bytes: [UInt8], _ opcode: Opcode) {
        checkDriver(seat)
        if sabotage == .echo, seat.place?.generation ?? 1 > 1, !seat.asked.isEmpty, !seat.hasEchoed
        {
            seat.hasEchoed = true
            post(
                .toGemini(seat: seat.number, link: seat.used, .received(opcode), bytes),
                after: .seconds(8))
        }
        let link = seat.used
        guard link > 0, !seat.legs[Int(link) - 1].isGone else { return }
        post(
            .toGemini(seat: seat.number, link: link, .received(opcode), bytes),
            after: seat.legs[Int(link) - 1].delay)
    }

    private func toClient(_ seat: FleetSeat, _ bytes: [UInt8]) {
        if let message = try? ServerMessage.scan(bytes.span),
            message.content.contains(.turnComplete), !seat.asked.isEmpty
        {
            seat.answered.insert(seat.asked)
            if let digest = seat.place?.digest {
                checks.shown[digest, default: [:]][seat.asked] = (seat.process, now)
            }
            checkKnowledge(seat)
        }
        if let line = seat.line { post(.toClient(line, bytes), after: line.delay) }
    }

    func endClient(_ seat: FleetSeat, _ close: Close) {
        guard let line = seat.line else { return }
        seat.line = nil
        post(.closed(line, close), after: line.delay)
    }

    private func hangUp(_ seat: FleetSeat, _ link: ConnectionID, _ close: Close) {
        guard link > 0, !seat.legs[Int(link) - 1].isGone else { return }
        seat.legs[Int(link) - 1].isGone = true
        post(
            .toGemini(seat: seat.number, link: link, .closed(close), []),
            after: seat.legs[Int(link) - 1].delay)
    }

    private func note(_ fact: Fact, _ seat: FleetSeat, _ usage: Wire.Usage) {
        trace("  \(seat.id) of \(seat.process.id): \(fact)")
        switch fact {
        case .used: pay(seat, max(0, usage.total))
        case .replayed(let messages, _, _):
            // What a session leaves to the next one of its node is asked by that one.
            if messages > 0, let line = seat.line {
                checks.replays[clients[line.client].name, default: 0] += 1
            }
        case .clientResumed: tally.resumptions += 1
        default: break
        }
    }

    private func pay(_ seat: FleetSeat, _ cost: Int64) {
        let process = seat.process
        seat.reports += 1
        let key = BookRow.Key(session: seat.id, number: seat.reports)
        trace("  \(seat.id) of \(process.id) pays \(cost)")
        process.unspooled.append(BookRow(key: key, cost: cost, at: now))
        checks.reported(key, cost, by: process, at: now)
        process.budget.turn(to: day(of: process.node))
        checkPayment(seat)
        _ = process.budget.spend(cost)
        openGate(seat)
        if let most = plan.budget, process.hasSpent(most) {
            tally.spent += 1
            seat.waiting.append(.limitReached(.dayUSD))
        }
    }

    /// The day of a node's clock.
    func day(of node: Int) -> Int64 {
        let wall = now - Instant(nanoseconds: 0) + plan.skew[node]
        return wall < plan.midnight ? 7 : 8
    }

    // MARK: Other nodes

    private func keep(_ seat: FleetSeat, _ memory: Memory, isOver: Bool) {
        guard let place = seat.place else { return }
        memories.append((memory, seat.answered))
        seat.process.drafts.add(
            Draft(
                memories.count - 1, place.digest, place.generation, session: seat.id,
                isOver: isOver, leavesPlace: seat.handsOver, since: now))
    }

    private func follow(_ digest: String, _ seat: FleetSeat, _ generation: Int64) {
        let old = seat.process.live.updateValue(seat.number, forKey: digest)
        guard let old, old != seat.number else { return }
        supersede(seats[old], generation)
    }

    func supersede(_ seat: FleetSeat, _ generation: Int64) {
        guard sabotage != .deafNode else { return }
        guard seat.place?.isSuperseded(by: generation) == true else { return }
        let isClaiming = seat.place?.isClaiming == true
        post(.movedAway(seat: seat.number), after: isClaiming ? Rounds.doubt : .zero)
    }

    func movedAway(_ seat: FleetSeat) {
        // Its own claim was the newer one, perhaps.
        guard seat.process.isAlive, !seat.isGone, seat.place?.isSuperseded(by: 0) != false
        else { return }
        goAway(seat)
        if let place = seat.place { settle(place.digest, seat) }
    }

    private func goAway(_ seat: FleetSeat) {
        seat.place?.moveAway()
        handle(seat, .movedAway)
    }

    private func leave(_ seat: FleetSeat) {
        guard let place = seat.place, seat.process.live[place.digest] == seat.number else { return }
        seat.process.live[place.digest] = nil
    }

    private func leaveToOthers(_ seat: FleetSeat) {
        guard let place = seat.place else { return }
        leave(seat)
        if place.farewell != nil { settle(place.digest, seat) }
    }

    private func settle(_ digest: String, _ seat: FleetSeat) {
        let drafts =
            seat.process.drafts.remove(digest).map {
                [$0] + seat.process.drafts.dequeue(2 << 20)
            } ?? []
        askDatabase(seat.process, .settle(seat: seat.number, drafts))
    }

    func sayFarewell(_ seat: FleetSeat) {
        guard let close = seat.place?.takeFarewell() else { return }
        endClient(seat, close)
        settle(seat)
    }

    /// The session may be over: then nothing is left of it.
    func settle(_ seat: FleetSeat) {
        guard !seat.isGone, !seat.isStepping, seat.line == nil, seat.legs.allSatisfy(\.isGone),
            !seat.session.isParked
        else { return }
        seat.gone = now
        if let memory = seat.unoffered { keep(seat, memory, isOver: true) }
        leave(seat)
        if seat.isSeated { seat.process.places.leave(isMoving: seat.handsOver, at: now) }
    }

    // MARK: Returning

    func recall(_ seat: FleetSeat, _ claim: Claim, _ fingerprint: UInt64) {
        guard case .handle(let name, _) = claim else { return }
        guard let live = seat.process.registry[name] else { return claimFromOthers(seat, name) }
        let other = seats[live.seat]
        switch live.offer.meets(claim, fingerprint) {
        case .isBehind:
            goAway(other)
            claimFromOthers(seat, name)
        case .takesClient: move(seat, to: other)
        case .leavesMemory:
            other.isSucceeded = true
            let hasPlace = other.isSeated
            handle(other, .superseded)
            guard var memory = other.left.take() else { return claimFromOthers(seat, name) }
            if let place = other.place {
                seat.place = SharedPlace(digest: name, generation: place.generation)
                memory.generation = place.generation
                follow(name, seat, place.generation)
                renewClaim(seat)
            }
            seat.answered = other.answered
            recalled(seat, name, .remembered(memory), hasPlace: hasPlace)
        }
    }

    private func recalled(
        _ seat: FleetSeat, _ digest: String, _ answer: Recalled, hasPlace: Bool
    ) {
        if case .remembered(let memory) = answer { seat.unoffered = memory }
        guard takesPlace(seat, ofConversation: hasPlace) else {
            if case .remembered = answer,
                seat.process.places.isFreeElsewhere(
                    limit: plan.sessions, isCutOff: seat.process.isCutOff)
            {
                return handle(seat, .recalled(.unavailable))
            }
            if case .remembered = answer { checkShutOut(seat, digest) }
            return handle(seat, .limitReached(.sessions))
        }
        handle(seat, .recalled(answer))
    }

    private func takesPlace(_ seat: FleetSeat, ofConversation hasOne: Bool) -> Bool {
        guard !seat.isSeated else { return true }
        guard seat.process.places.take(limit: plan.sessions, ofConversation: hasOne) else {
            return false
        }
        if hasOne {
            trace(
                "  \(seat.id) of \(seat.process.id) takes the place of \(seat.place?.digest ?? "?")"
            )
            tally.takenOver += 1
            let isSlow = nodes.indices.contains { node in
                !plan.wasWell(node, from: now + .seconds(-6), to: now)
            }
            if isSlow || seats.contains(where: { isSentAway($0, seat.place?.digest) }) {
                checks.takenLoosely += 1
            }
        }
        seat.isSeated = true
        checkPlaces(seat.process)
        return true
    }

    /// Whether the conversation was driven by a process that ends in order, or has.
    private func isSentAway(_ seat: FleetSeat, _ digest: String?) -> Bool {
        seat.handsOver && seat.process.isDraining && seat.place?.digest == digest
    }

    private func claimFromOthers(_ seat: FleetSeat, _ name: String) {
        claim(seat, name, .first, asked: now)
    }

    private func claim(
        _ seat: FleetSeat, _ digest: String, _ step: FleetClaimStep, asked: Instant
    ) {
        // It may have been driven here, a moment ago; or nobody else knows it yet.
        if let draft = seat.process.drafts.remove(digest) {
            askDatabase(seat.process, .settle(seat: seat.number, [draft]))
        }
        askDatabase(
            seat.process, .claim(seat: seat.number, digest: digest, asked: asked, step))
    }

    private func renewClaim(_ seat: FleetSeat) {
        guard let digest = seat.place?.digest else { return }
        seat.place?.claim()
        claim(seat, digest, .again, asked: now)
    }

    private func renewed(_ seat: FleetSeat, _ digest: String, _ answer: FleetClaim) {
        guard seat.process.isAlive, !seat.isGone else { return }
        var generation: Int64?
        if case .renewed(let new) = answer { generation = new }
        var isElsewhere = seat.place?.claimed(in: generation) == true
        if case .superseded = answer { isElsewhere = true }
        guard isElsewhere else { return }
        goAway(seat)
        settle(digest, seat)
    }

    private func move(_ seat: FleetSeat, to other: FleetSeat) {
        guard let line = seat.line else { return }
        let messages = seat.session.surrender()
        seat.line = nil
        tally.moves += 1
        handle(seat, .recalled(.attached))
        if let old = other.line {
            post(.closed(old, Close(1000)), after: old.delay)
            other.line = nil
            handle(other, .clientClosed(.abnormal))
        }
        guard other.session.isParked, let setup = messages.first else {
            post(.closed(line, Close(1011)), after: line.delay)
            return
        }
        other.line = line
        line.seat = other.number
        handle(other, .clientReturned(setup.opcode), setup.bytes)
        renewClaim(other)
        for message in messages.dropFirst() {
            fromClient(line, message.bytes)
        }
    }

    /// - Parameter step: Nil for what was claimed before, and is to be taken now.
    func claimed(
        _ seat: FleetSeat, _ digest: String, _ answer: FleetClaim, asked: Instant,
        _ step: FleetClaimStep?
    ) {
        if step == .again { return renewed(seat, digest, answer) }
        guard seat.process.isAlive, !seat.isGone else { return }
        switch answer {
        case .taken(let memory, let generation, let age, let hasPlace):
            tally.claims += 1
            let kept = memories[memory]
            var memory = kept.memory
            memory.grewOlder(by: age)
            memory.generation = generation
            seat.answered = kept.knows
            seat.mustKnow = kept.knows
            follow(digest, seat, generation)
            seat.place = SharedPlace(digest: digest, generation: generation)
            recalled(seat, digest, .remembered(memory), hasPlace: hasPlace)
        case .driven(let generation): hold(seat, digest, generation, asked: asked)
        case .superseded, .renewed: handle(seat, .movedAway)
        case .unknown where step == .first && sabotage != .impatience:
            hold(seat, digest, nil, asked: asked)
        case .unknown:
            checkUnknown(seat, digest)
            recalled(seat, digest, .unknown, hasPlace: false)
        }
    }

    private func hold(
        _ seat: FleetSeat, _ digest: String, _ generation: Int64?, asked: Instant
    ) {
        post(
            .resumeClaim(
                seat: seat.number, digest: digest, generation: generation, asked: asked),
            after: Rounds.release(afterClaimOf: now - asked))
    }

    func resumeClaim(
        _ seat: FleetSeat, _ digest: String, _ generation: Int64?, asked: Instant
    ) {
        guard seat.process.isAlive, !seat.isGone else { return }
        guard let generation else { return claim(seat, digest, .last, asked: asked) }
        askDatabase(
            seat.process, .take(seat: seat.number, digest: digest, generation: generation))
    }
}
