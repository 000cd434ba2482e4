import Basics
import Sessions
import Sharing
import SimulatedGemini
import Wire

// What befalls the nodes, and their files.
extension Fleet {
    func start(_ node: Int) {
        processCount += 1
        let process = FleetProcess("p\(processCount)", node: node, day: day(of: node), at: now)
        if node < nodes.count {
            process.inherit(nodes[node], day: day(of: node))
            nodes[node] = process
        } else {
            nodes.append(process)
        }
        post(.run(process), after: .milliseconds(draw(0...400)))
        post(.second(process), after: .milliseconds(draw(0...999)))
        post(.ship(process), after: .milliseconds(draw(0...499)))
    }

    func strike(_ blow: FleetPlan.Blow) {
        trace("\(blow)")
        switch blow {
        case .crash(let node, let isMachine): kill(nodes[node], isMachine: isMachine)
        case .start(let node): if !nodes[node].isAlive { start(node) }
        case .drain(let node): drain(nodes[node])
        case .cut:
            for seat in seats where seat.process.isAlive && !seat.isGone {
                if let line = seat.line { cut(line, isHeard: random.chance(0.7)) }
            }
        }
    }

    private func kill(_ process: FleetProcess, isMachine: Bool) {
        guard process.isAlive else { return }
        tally.kills += 1
        process.isAlive = false
        checks.killed(process, at: now)
        process.unspooled = []
        for seat in seats where seat.process === process && !seat.isGone {
            if let line = seat.line {
                line.isCut = false
                cut(line, isHeard: false)
            }
            for index in seat.legs.indices where !seat.legs[index].isGone {
                // Nobody says a word for a machine: gemini keeps the conversation for it.
                let after =
                    isMachine ? Interval.milliseconds(draw(1000...20_000)) : seat.legs[index].delay
                post(
                    .toGemini(
                        seat: seat.number, link: ConnectionID(index + 1), .closed(.abnormal), []),
                    after: after)
            }
        }
    }

    private func drain(_ process: FleetProcess) {
        guard process.isAlive, !process.isDraining else { return }
        process.isDraining = true
        for seat in seats where seat.process === process && !seat.isGone {
            handle(seat, .drained(by: now + .seconds(5)))
        }
        // It ends when it has no sessions, or two seconds after the end of the drain, with its
        // last round; the next one of the node begins then.
        endWhenEmpty(process, tries: 10)
    }

    private func endWhenEmpty(_ process: FleetProcess, tries: Int) {
        drains.append((process, now + .milliseconds(Int64(tries) * 1000)))
        run(process)
    }

    /// A draining process has had a round.
    func endIfDrained(_ process: FleetProcess) {
        guard process.isDraining, process.isAlive,
            let end = drains.first(where: { $0.process === process })?.until
        else { return }
        let isEmpty = !seats.contains { $0.process === process && !$0.isGone }
        guard isEmpty && process.drafts.count == 0 || now >= end else { return }
        process.save()
        checks.ended(process)
        // It had no last round, or not all was done.
        if !process.returns.isEmpty || process.isBusy || process.isCutOff {
            checks.isInexact = true
        }
        if isEmpty, process.isConnected, plan.reaches(process.node, at: now) {
            database.places.leave(process.id)
        }
        kill(process, isMachine: false)
        tally.kills -= 1
        start(process.node)
    }

    /// Rows of the books on their way to the database, over a connection of their own: the spool
    /// forgets what it knows to be there.
    func ship(_ process: FleetProcess) {
        guard process.isAlive else { return }
        defer { post(.ship(process), after: .milliseconds(500)) }
        guard plan.reaches(process.node, at: now), !process.spool.isEmpty else { return }
        // The connection may break after the rows were written: then they are sent again.
        let isLost = random.chance(0.1)
        for row in process.spool {
            if sabotage == .doubledBooks, database.books[row.key] != nil {
                var again = row.key
                again.session += " again"
                database.books[again] = row.cost
            } else {
                database.books[row.key] = row.cost
            }
        }
        if sabotage == .lostBooks, isLost {
            for row in process.spool.suffix(1) { database.books[row.key] = nil }
            process.spool = []
        }
        if !isLost { process.spool = [] }
    }
}
