import Basics
import Sessions
import Sharing

// The thread of a process that speaks with the database: as `SharedState` does it.
extension Fleet {
    /// A worker's question.
    func askDatabase(_ process: FleetProcess, _ job: FleetJob) {
        guard process.isAlive else { return }
        if process.isCutOff { return refused(job, process, mayBeDone: false) }
        process.questions.append(.init(job: job, deadline: now + Rounds.patience))
        run(process)
    }

    func run(_ process: FleetProcess) {
        guard process.isAlive, !process.isBusy else { return }
        while let question = process.questions.first {
            guard process.isConnected else { break }
            process.questions.removeFirst()
            guard now < question.deadline else {
                refused(question.job, process, mayBeDone: false)
                continue
            }
            return start(question.job, process, until: question.deadline)
        }
        if process.part == nil {
            guard now >= process.nextRound else {
                return post(.run(process), after: process.nextRound - now)
            }
            process.part = 0
            process.partBegun = now
            if !process.isConnected {
                return start(.connect, process, until: now + Rounds.patience)
            }
            process.nextRound = now + Rounds.pause
        }
        goOn(process)
    }

    /// The next part of the round.
    private func goOn(_ process: FleetProcess) {
        while let part = process.part {
            guard part < 9 else { return endRound(process) }
            process.part = part + 1
            if ![3, 4, 6, 8].contains(part) { process.partBegun = now }
            guard let job = job(part, process) else { continue }
            return start(job, process, until: process.partBegun + Rounds.patience)
        }
    }

    private func job(_ part: Int, _ process: FleetProcess) -> FleetJob? {
        switch part {
        case 0: return .present(isDraining: process.isDraining)
        case 1:
            let uses = process.returns.take(1000)
            return uses.isEmpty ? nil : .giveBack(uses)
        case 2: return .superseded
        case 3: return process.superseded.isEmpty ? nil : .acknowledge(process.superseded)
        case 4:
            let drafts = process.drafts.dequeue(2 << 20)
            return drafts.isEmpty ? nil : .keep(drafts)
        case 5:
            process.window = process.rounds.begin(at: now)
            process.roundBegun = now
            process.others = process.rounds.takeOthers()
            return .readPlaces(window: process.window)
        case 6:
            var others = process.others
            let entry = process.rounds.ask(
                "acme", limit: plan.sessions, &process.places, &others, at: now)
            process.others = others
            guard let entry else {
                process.rounds.end(others, begun: process.roundBegun)
                return nil
            }
            return .savePlaces(
                [entry], others, begun: process.roundBegun, window: process.window)
        case 7:
            process.budget.turn(to: day(of: process.node))
            var rows = process.inherited
            if let cost = process.budget.unwritten {
                let key = SpendingTable.Key(
                    day: process.budget.day, tenant: "acme", process: process.id)
                rows.append((key, cost))
            }
            return rows.isEmpty ? nil : .writeSpending(rows)
        default:
            let day = day(of: process.node)
            let known = process.otherSpending
            process.otherSpending = OtherSpending(day: 0)
            return .readSpending(known.day == day ? known : OtherSpending(day: day))
        }
    }

    private func endRound(_ process: FleetProcess) {
        process.part = nil
        process.isCutOff = false
        if process.tried == nil { process.tried = now }
        process.noteAbsence(at: now)
        process.lastRound = now
        // See `awaitShare`.
        if !process.rounds.isSettled {
            process.nextRound = min(process.nextRound, now + .milliseconds(100))
        }
        post(.run(process), after: max(.milliseconds(1), process.nextRound - now))
        endIfDrained(process)
    }

    // MARK: Statements

    /// One statement, or a transaction, on its way there and back.
    private func start(_ job: FleetJob, _ process: FleetProcess, until deadline: Instant) {
        process.job += 1
        process.isBusy = true
        let number = process.job
        let latency = plan.databaseLatency(at: now, &random)
        let (there, back) = (now + latency / 2, now + latency)
        let isCanary = sabotage == .lateStatements && job.isDrafts
        let isBroken = random.chance(isCanary ? 0.3 : plan.breaks)
        let isReached =
            !isBroken && plan.reaches(process.node, at: now)
            && plan.reaches(process.node, at: there)
        let isHeard = isReached && plan.reaches(process.node, at: back) && back <= deadline
        if isHeard {
            return post(
                .execute(process, job, number: number, answersAt: back), after: there - now)
        }
        // What was sent may arrive long after, when the network goes on.
        let isAlone = !job.isTransaction || isCanary
        if isReached, isAlone || there < deadline && random.chance(0.5) {
            post(.execute(process, job, number: number, answersAt: nil), after: there - now)
        } else if isAlone, random.chance(0.5) {
            let late = Interval.milliseconds(draw(500...6000))
            let heals = plan.healing(process.node, at: now)
            post(.execute(process, job, number: number, answersAt: nil), after: heals - now + late)
        }
        let isRefused = !isReached && random.chance(0.5)
        post(
            .giveUp(process, job, number: number, isConnectionLost: true),
            after: isRefused ? .milliseconds(1) : max(.milliseconds(1), deadline - now))
    }

    func execute(
        _ process: FleetProcess, _ job: FleetJob, _ number: Int, _ answersAt: Instant?
    ) {
        let answer = database.perform(job, by: process, at: now, sabotage)
        watch(job, answer, process)
        guard let answersAt else { return }
        post(.answer(process, job, number: number, answer), after: answersAt - now)
    }

    func answered(
        _ process: FleetProcess, _ job: FleetJob, _ number: Int, _ answer: FleetAnswer
    ) {
        guard process.isAlive, process.isBusy, process.job == number else { return }
        process.isBusy = false
        take(answer, of: job, process)
        if case .connect = job {
            process.isConnected = true
            process.connectedAt = now
            trace("  \(process.id) is connected")
            process.nextRound = now + Rounds.pause
        }
        run(process)
    }

    private func take(_ answer: FleetAnswer, of job: FleetJob, _ process: FleetProcess) {
        switch (job, answer) {
        case (.superseded, .superseded(let superseded)):
            process.heardOfClaims = now
            process.superseded = superseded
            for each in superseded {
                guard let seat = process.live[each.digest] else { continue }
                supersede(seats[seat], each.generation)
            }
        case (.keep(let drafts), .outcome(let outcome)):
            kept(drafts, outcome, process)
        case (.settle(let seat, let drafts), .outcome(let outcome)):
            kept(drafts, outcome, process)
            sayFarewell(seats[seat])
        case (.readPlaces, .places(let present, let rows, let horizon)):
            process.dead = []
            process.others.hear(present, as: process.id)
            process.others.hear(rows, upTo: horizon)
        case (.savePlaces(let entries, let others, let begun, _), .held(let held)):
            for entry in entries {
                process.rounds.note(entry, granted: held[entry.tenant], &process.places)
                trace(
                    "  \(process.id) uses \(process.places.used) of \(process.places.holding), asked for \(entry), was granted \(held)"
                )
            }
            process.rounds.end(others, begun: begun)
        case (.writeSpending(let rows), _):
            process.inherited = []
            for row in rows where row.key.process == process.id && row.key.day == process.budget.day
            {
                process.budget.wrote(row.cost)
            }
        case (.readSpending(var others), .spending(let changes, let horizon)):
            if sabotage != .deafBudget { others.hear(changes, upTo: horizon) }
            process.otherSpending = others
            process.budget.turn(to: day(of: process.node))
            guard others.day == process.budget.day else { return }
            process.heard = (process.hearing, process.budget.spent)
            process.heardDay = others.day
            process.budget.hear(others: others.sums["acme"] ?? 0)
        case (.claim(let seat, let digest, let asked, let step), .claimed(let answer)):
            claimed(seats[seat], digest, answer, asked: asked, step)
        case (.take(let seat, let digest, _), .claimed(let answer)):
            claimed(seats[seat], digest, answer, asked: now, nil)
        case (.visit(let visitor, let session), .visited(let visit)):
            visited(visitor, session, visit, process)
        default: break
        }
    }

    private func kept(_ drafts: [Draft], _ outcome: Drafts.Outcome, _ process: FleetProcess) {
        for each in outcome.superseded(of: drafts) {
            checks.isTold(process, each.digest, each.generation)
            if let seat = process.live[each.digest] { supersede(seats[seat], each.generation) }
        }
        tally.refusedWrites += outcome.refused.count
        tally.lastWrites += outcome.superseded.count - outcome.refused.count
        acknowledged(drafts, outcome)
    }

    private func visited(
        _ visitor: Int, _ session: String, _ visit: TokenTable.Visit, _ process: FleetProcess
    ) {
        let use = TokenReturns.Use(digest: "token", session: session)
        switch visit {
        case .noUse:
            tally.fullTokens += 1
            // A use that nobody needed may have been given back.
            clients[visitor].refusals += 1
            if clients[visitor].refusals < 8 {
                redial(visitor, after: 3000)
            } else {
                clients[visitor].state = .done
            }
        case .use:
            if admit(visitor, process, hasToken: true) {
                checks.tokenSessions += 1
                if sabotage == .lostUse { process.returns.add(use) }
            } else {
                process.returns.add(use)
            }
        }
    }

    // MARK: Failures

    func gaveUp(
        _ process: FleetProcess, _ job: FleetJob, _ number: Int, isConnectionLost: Bool
    ) {
        guard process.isAlive, process.isBusy, process.job == number else { return }
        tally.giveUps += 1
        trace("  \(process.id) is cut off at \("\(job)".prefix { $0 != "(" })")
        process.isBusy = false
        let wasConnected = process.isConnected
        process.isConnected = false
        process.isCutOff = true
        process.part = nil
        if process.tried == nil { process.tried = now }
        undo(job, process)
        if job.isQuestion { refused(job, process, mayBeDone: true) }
        let questions = process.questions
        process.questions = []
        for question in questions { refused(question.job, process, mayBeDone: false) }
        process.nextRound = wasConnected ? now : now + Rounds.pause
        post(.run(process), after: process.nextRound - now)
        endIfDrained(process)
    }

    /// What became of it is not known.
    private func undo(_ job: FleetJob, _ process: FleetProcess) {
        switch job {
        case .giveBack(let uses): process.returns.putBack(uses)
        case .keep(let drafts), .settle(_, let drafts): process.drafts.putBack(drafts)
        case .readPlaces, .savePlaces: process.rounds.doubt()
        case .connect, .present, .superseded, .acknowledge, .writeSpending, .readSpending, .leave,
            .claim, .take, .visit:
            break
        }
    }

    /// A question has no answer.
    private func refused(_ job: FleetJob, _ process: FleetProcess, mayBeDone: Bool) {
        switch job {
        case .claim(let seat, let digest, let asked, .again):
            claimed(seats[seat], digest, .unknown, asked: asked, .again)
        case .claim(let seat, _, _, _), .take(let seat, _, _):
            let seat = seats[seat]
            if !seat.isGone { handle(seat, .recalled(.unavailable)) }
        case .settle(let seat, let drafts):
            if !mayBeDone { process.drafts.putBack(drafts) }
            sayFarewell(seats[seat])
        case .visit(let visitor, let session):
            if mayBeDone {
                process.returns.add(TokenReturns.Use(digest: "token", session: session))
            }
            redial(visitor, after: 1000)
        case .connect, .present, .giveBack, .superseded, .acknowledge, .keep, .readPlaces,
            .savePlaces,
            .writeSpending, .readSpending, .leave:
            break
        }
    }
}
