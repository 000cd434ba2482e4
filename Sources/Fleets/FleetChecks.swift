import Basics
import Sessions
import Sharing
import SimulatedGemini
import Wire

/// What checkers remember.
struct FleetChecks {
    /// Of each conversation: the latest claim, and when the database gave it.
    var claims: [String: (generation: Int64, process: String, at: Instant)] = [:]
    /// Of each conversation: the generation in which it was taken last, and the session that did.
    var takes: [String: (generation: Int64, seat: Int)] = [:]
    /// Of each conversation: questions whose answer a client has seen, and who showed it.
    var shown: [String: [String: (process: FleetProcess, at: Instant)]] = [:]
    /// Of each client: who gave it its handle, and when.
    var givers: [Int: (process: FleetProcess, at: Instant)] = [:]
    /// Of each conversation: questions that the database has said it kept.
    var kept: [String: Set<String>] = [:]
    /// Generations that a process was told of by a refusal.
    private var told: [String: Int64] = [:]
    /// Costs in the database: with each change, by day and process.
    var costs: [(at: Instant, day: Int64, process: String, cost: Int64)] = []
    /// Sessions that began with the token.
    var tokenSessions = 0
    /// Questions that a session asked again for its client, knowing that they were not answered.
    var replays: [String: Int] = [:]
    private var reports: [(key: BookRow.Key, cost: Int64, process: String, at: Instant)] = []
    private var kills: [String: Instant] = [:]
    private var endings: Set<String> = []
    /// Places that were taken over when others may have filled them: from processes that end in order,
    /// or while the database was slow.
    var takenLoosely = 0

    mutating func isTold(_ process: FleetProcess, _ digest: String, _ generation: Int64) {
        told["\(process.id) \(digest)"] = generation
    }

    func wasTold(_ process: FleetProcess, _ digest: String) -> Int64 {
        told["\(process.id) \(digest)"] ?? 0
    }

    mutating func reported(
        _ key: BookRow.Key, _ cost: Int64, by process: FleetProcess, at now: Instant
    ) {
        reports.append((key, cost, process.id, now))
    }

    mutating func killed(_ process: FleetProcess, at now: Instant) {
        if !endings.contains(process.id) { kills[process.id] = now }
    }

    /// It has written all that it knew.
    mutating func ended(_ process: FleetProcess) {
        kills[process.id] = nil
        endings.insert(process.id)
    }

    /// A process has ended without a word about uses that were none.
    var isInexact = false
    var hasKills: Bool { !kills.isEmpty || isInexact }

    /// What is wrong with the books: each report once, but for those of a second before a kill.
    func complaint(of books: [BookRow.Key: Int64], at now: Instant) -> String? {
        var left = books
        for report in reports {
            let cost = left.removeValue(forKey: report.key)
            if let cost, cost != report.cost {
                return "\(report.key) is \(cost), not \(report.cost)"
            }
            // A second until it is on the disk, and two for the way from there.
            let end = kills[report.process] ?? now + .seconds(-2)
            if cost == nil, report.at + .seconds(1) < end { return "\(report.key) is missing" }
        }
        return left.isEmpty ? nil : "\(left.count) rows are of no report"
    }
}

extension Fleet {
    /// The database has done it.
    func watch(_ job: FleetJob, _ answer: FleetAnswer, _ process: FleetProcess) {
        switch (job, answer) {
        case (.claim(_, let digest, _, _), .claimed(.driven(let generation))):
            checks.claims[digest] = (generation, process.id, now)
        case (.claim(let seat, let digest, _, _), .claimed(.renewed(let generation))):
            checks.claims[digest] = (generation, process.id, now)
            checks.takes[digest] = (generation, seat)
        case (
            .claim(let seat, let digest, _, _), .claimed(.taken(let memory, let generation, _, _))
        ):
            checks.claims[digest] = (generation, process.id, now)
            checks.takes[digest] = (generation, seat)
            checkTaken(digest, memories[memory].knows)
        case (.take(let seat, let digest, _), .claimed(.taken(let memory, let generation, _, _))):
            checks.takes[digest] = (generation, seat)
            checkTaken(digest, memories[memory].knows)
        case (.claim(_, _, _, .again), .claimed(.unknown)): break
        case (.claim(_, let digest, _, _), .claimed(.unknown)):
            if let kept = checks.kept[digest], !kept.isEmpty {
                fail(
                    .nothingForgotten, "\(digest) is unknown, which was kept with \(kept.sorted())")
            }
        case (.keep(let drafts), .outcome(let outcome)),
            (.settle(_, let drafts), .outcome(let outcome)):
            for draft in drafts where !outcome.refused.contains(draft.digest) {
                if let taken = checks.takes[draft.digest], taken.generation > draft.generation,
                    draft.session != seats[taken.seat].id
                {
                    fail(
                        .heldOnce,
                        "generation \(draft.generation) writes over \(taken.generation)")
                }
            }
        case (.writeSpending(let rows), _):
            for row in rows {
                checks.costs.append((now, row.key.day, row.key.process, row.cost))
            }
        case (.readSpending(let others), _):
            process.hearing = cost(on: others.day, except: process.id, at: now)
        default: break
        }
    }

    /// Somebody goes on with a conversation who knows the answers to these questions.
    private func checkTaken(_ digest: String, _ found: Set<String>) {
        let missing = (checks.kept[digest] ?? []).subtracting(found)
        if !missing.isEmpty {
            fail(.nothingForgotten, "\(digest) is taken without \(missing.sorted())")
        }
        let claimed = checks.claims[digest]?.at ?? now
        // Who lives and is not cut off has had the time to write what it has shown.
        for (question, shown) in checks.shown[digest] ?? [:] where !found.contains(question) {
            if shown.at <= claimed, isWell(shown.process, since: shown.at) {
                fail(
                    .nothingForgotten,
                    "\(digest) is taken without \(question), which \(shown.process.id) has shown")
            }
        }
        checks.shown[digest] = nil
    }

    /// The client's newest connection is closed, since the conversation goes on at another.
    func checkNewest(_ line: FleetLine, _ close: Close) {
        guard close.code == 1000, close.reason.contains("goes on at another node"),
            nodes.allSatisfy({ isWell($0, since: now + .seconds(-5)) })
        else { return }
        fail(
            .newest, "client \(line.client) has nothing newer than what was closed: \(close.reason)"
        )
    }

    /// Nobody knows the client's handle.
    func checkUnknown(_ seat: FleetSeat, _ digest: String) {
        guard let line = seat.line, let giver = checks.givers[line.client],
            isWell(giver.process, since: giver.at)
        else { return }
        fail(.nothingForgotten, "\(digest) is unknown, which \(giver.process.id) has given")
    }

    private func isWell(_ process: FleetProcess, since moment: Instant) -> Bool {
        process.isAlive && process.isConnected && !process.isCutOff
            && process.begun + .seconds(5) < moment && process.connectedAt + .seconds(1) < moment
            && plan.wasWell(process.node, from: moment + .milliseconds(-1000), to: now)
    }

    /// A process has heard that they are kept.
    func acknowledged(_ drafts: [Draft], _ outcome: Drafts.Outcome) {
        for draft in drafts where !outcome.refused.contains(draft.digest) {
            let knows = memories[Draft.memory(in: draft.row.text)].knows
            checks.kept[draft.digest, default: []].formUnion(knows)
        }
    }

    /// Something goes to gemini.
    func checkDriver(_ seat: FleetSeat) {
        guard let place = seat.place, let claim = checks.claims[place.digest],
            claim.generation > place.generation, claim.process != seat.process.id
        else { return }
        let process = seat.process
        if !place.isClaiming,
            process.heardOfClaims > claim.at + .milliseconds(1500)
                || checks.wasTold(process, place.digest) >= claim.generation
        {
            fail(
                .heldOnce,
                "\(seat.id) of \(process.id) drives \(place.digest) on, in \(place.generation), which \(claim.process) has in \(claim.generation)"
            )
        }
        // Where nothing is slow, it has let go before the other one begins.
        let since = claim.at + .milliseconds(-1000)
        if now >= claim.at + Rounds.release(afterClaimOf: .zero),
            plan.wasWell(process.node, from: since, to: now),
            !process.isCutOff
        {
            fail(.heldOnce, "\(seat.id) of \(process.id) has not let go of \(place.digest)")
        }
    }

    /// The end of a turn is shown: gemini knew what the conversation had when it was claimed.
    func checkKnowledge(_ seat: FleetSeat) {
        guard !seat.mustKnow.isEmpty else { return }
        let must = seat.mustKnow
        seat.mustKnow = []
        let link = Int(seat.used)
        guard link > 0, let conversation = seat.legs[link - 1].connection?.conversation else {
            return
        }
        let heard = conversation.heard
        guard let turn = heard.turns.last(where: { $0.text.contains(seat.asked) }) else { return }
        var known: Set<String> = []
        for number in turn.context {
            known.formUnion(FleetClient.questions(in: heard.turns[number - 1].text))
        }
        for seed in heard.seeds { known.formUnion(FleetClient.questions(in: seed.text)) }
        known.formUnion(FleetClient.questions(in: turn.text))
        let missing = must.subtracting(known)
        if !missing.isEmpty {
            fail(.nothingForgotten, "gemini answers \(seat.asked) without \(missing.sorted())")
        }
    }

    // MARK: Limits

    /// One more session has a place. A conversation that another session has taken over is not over
    /// yet at the session that drove it.
    func checkPlaces(_ process: FleetProcess) {
        var beyond = checks.takenLoosely
        for other in nodes where other.isAlive {
            other.noteAbsence(at: now)
            beyond += other.tookUnheard + other.heldAbsent
        }
        let sum = seats.count { seat in
            guard seat.process.isAlive, seat.isSeated, !seat.isGone, !seat.isSucceeded else {
                return false
            }
            guard let place = seat.place, let taken = checks.takes[place.digest] else {
                return true
            }
            return taken.seat == seat.number || taken.generation <= place.generation
        }
        // Sessions of processes that died hold none.
        if sum > plan.sessions + beyond {
            fail(.places, "\(sum) sessions, of \(plan.sessions) and \(beyond) beyond")
        }
    }

    /// A client that comes back to a conversation with a place was refused for want of one.
    func checkShutOut(_ seat: FleetSeat, _ digest: String) {
        guard nodes.allSatisfy({ isWell($0, since: now + .seconds(-20)) || !$0.isAlive }),
            let last = seats.last(where: {
                $0 !== seat && $0.isSeated && $0.place?.digest == digest
            })
        else { return }
        let process = last.process
        if let gone = last.gone {
            guard last.handsOver, now - gone < .seconds(3) else { return }
        } else if now - process.lastRound >= .seconds(13) {
            return
        }
        let client = seat.line?.client ?? -1
        fail(
            .shutOut, "client \(client) is refused, whose conversation has a place at \(process.id)"
        )
    }

    // MARK: Budgets

    /// What the table had of others at that moment.
    func cost(on day: Int64, except process: String, at moment: Instant) -> Int64 {
        var newest: [String: Int64] = [:]
        for row in checks.costs where row.day == day && row.at <= moment && row.process != process {
            newest[row.process] = row.cost
        }
        return newest.values.reduce(0, +)
    }

    /// Its next turn is paid later: may it still begin?
    func openGate(_ seat: FleetSeat) {
        guard let most = plan.budget else { return }
        let process = seat.process
        seat.gate = now
        seat.gateDay = process.budget.day
        if process.heardDay != process.budget.day {
            (process.heardDay, process.heard) = (process.budget.day, (0, 0))
            // What others have spent of the new day it hears in its next round.
            seat.gateWasOpen = true
            return
        }
        let own = process.budget.spent
        // A round, and what its parts take.
        let delay = Rounds.pause * 2 + .milliseconds(plan.latency * 20)
        let isWell =
            plan.wasWell(process.node, from: now + .seconds(-5), to: now)
            && process.begun + .seconds(5) < now
        if isWell {
            let known = cost(on: process.budget.day, except: process.id, at: now - delay)
            seat.gateWasOpen = known + own < most
        } else if process.isCutOff {
            let left = most - process.heard.own - process.heard.others
            seat.gateWasOpen =
                own - process.heard.own < max(0, left / Int64(process.processes))
        } else {
            // However late it hears, it goes by what it has heard.
            seat.gateWasOpen = own + process.heard.others < most
        }
    }

    func checkPayment(_ seat: FleetSeat) {
        guard plan.budget != nil, seat.gateDay == seat.process.budget.day, !seat.gateWasOpen,
            // The turn that was under way.
            seat.gate + .seconds(3) < now
        else { return }
        fail(
            .budget,
            "\(seat.id) of \(seat.process.id) has another turn after the day's budget was used up")
    }

    // MARK: The end

    func finish() {
        if let complaint = checks.complaint(of: database.books, at: end) { fail(.books, complaint) }
        if plan.tokenUses > 0 {
            let used = database.tokens.used("token") ?? 0
            if checks.tokenSessions > plan.tokenUses {
                fail(.token, "\(checks.tokenSessions) sessions with \(plan.tokenUses) uses")
            }
            let isExact = !checks.hasKills
            if used < checks.tokenSessions || isExact && used != checks.tokenSessions {
                fail(.token, "\(used) uses counted for \(checks.tokenSessions) sessions")
            }
        }
        checkAnswers()
    }

    private func checkAnswers() {
        var answers: [String: Int] = [:]
        for conversation in service.conversations {
            for turn in conversation.heard.turns where turn.outcome == .answered {
                for name in FleetClient.questions(in: turn.text) { answers[name, default: 0] += 1 }
            }
        }
        for client in clients {
            for (name, count) in client.sent.sorted(by: { $0.key < $1.key }) {
                let answered = answers[name] ?? 0
                if answered > count + checks.replays[name, default: 0] {
                    fail(
                        .answeredOnce,
                        "\(name) was asked \(count) times and answered \(answered) times")
                }
            }
        }
    }
}
