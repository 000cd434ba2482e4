import Basics
import Sessions
import Sharing
import Wire

// Clients, and the balancer in front of the nodes.
extension Fleet {
    func seat(of line: FleetLine) -> FleetSeat? {
        let seat = seats[line.seat]
        return seat.process.isAlive && !seat.isGone && seat.line === line ? seat : nil
    }

    func dial(_ number: Int) {
        guard clients[number].state == .away else { return }
        clients[number].dials += 1
        // What the last ones leave to be said takes a few rounds.
        guard clients[number].dials < 200, now + .seconds(8) < end else {
            return clients[number].state = .done
        }
        // The balancer hears of a dead node after a second or so: that is a dial in vain.
        let open = nodes.filter { $0.isOpen(at: now) }
        guard !open.isEmpty else { return redial(number, after: 1000) }
        let process = open[Int(draw(0...Int64(open.count - 1)))]
        clients[number].state = .dialing
        if clients[number].isVisitor {
            askDatabase(process, .visit(visitor: number, session: "s\(number)-\(now.nanoseconds)"))
        } else {
            admit(number, process, hasToken: false)
        }
    }

    func redial(_ number: Int, after milliseconds: Int64) {
        clients[number].state = .away
        clients[number].line = nil
        clients[number].hasInterrupted = false
        post(.dial(client: number), after: .milliseconds(milliseconds + draw(0...300)))
    }

    /// The upgrade: as `Worker` admits it.
    /// - Returns: Whether a session has begun.
    @discardableResult
    func admit(_ number: Int, _ process: FleetProcess, hasToken: Bool) -> Bool {
        process.budget.turn(to: day(of: process.node))
        if let most = plan.budget, process.hasSpent(most) {
            tally.spent += 1
            clients[number].state = .done
            return false
        }
        let isSeated = process.places.take(limit: plan.sessions)
        let comesBack = !hasToken && !clients[number].handle.isEmpty
        let mayBeElsewhere = process.places.isFreeElsewhere(
            limit: plan.sessions, isCutOff: process.isCutOff)
        guard isSeated || comesBack && !mayBeElsewhere else {
            tally.fullPlaces += 1
            redial(number, after: 1000)
            return false
        }
        if isSeated, process.rounds.processes == 0 { process.tookUnheard += 1 }
        let line = FleetLine(
            client: number, seat: seats.count, delay: .milliseconds(draw(plan.network)))
        let seat = FleetSeat(
            seats.count, process, line, policy: policy, token: hasToken, at: now)
        seat.isSeated = isSeated
        seats.append(seat)
        checkPlaces(process)
        clients[number].line = line
        openGate(seat)
        handle(seat, .opened)
        return true
    }

    func accepted(_ line: FleetLine) {
        guard clients[line.client].line === line else { return }
        clients[line.client].state = .settingUp
        send(line, clients[line.client].setup)
        // It is elsewhere before it has an answer, and may leave a connection behind that nobody ends.
        if plan.areRestless, !clients[line.client].handle.isEmpty, random.chance(0.4) {
            post(
                .impatience(line, isHeard: random.chance(0.5)), after: .milliseconds(draw(0...1200))
            )
        }
    }

    func send(_ line: FleetLine, _ bytes: [UInt8]) {
        post(.fromClient(line, bytes), after: line.delay)
    }

    func fromClient(_ line: FleetLine, _ bytes: [UInt8]) {
        guard !line.isCut, let seat = seat(of: line),
            let message = try? ClientMessage.scan(bytes.span)
        else { return }
        if !message.members.contains(.setup) { seat.asked = clients[line.client].name }
        handle(seat, .clientSent(message, .text), bytes)
    }

    func ask(_ number: Int) {
        guard clients[number].state == .idle, let line = clients[number].line else { return }
        clients[number].state = .asking
        clients[number].sent[clients[number].name, default: 0] += 1
        trace("client \(number) asks \(clients[number].name)")
        send(line, clients[number].words)
    }

    func toClient(_ line: FleetLine, _ bytes: [UInt8]) {
        let number = line.client
        guard clients[number].line === line, let message = try? ServerMessage.scan(bytes.span)
        else { return }
        if let handle = FleetClient.handle(in: message, bytes) {
            clients[number].handle = handle
            checks.givers[number] = (seats[line.seat].process, now)
            if plan.areRestless, random.chance(0.3) {
                return cut(line, isHeard: random.chance(0.5), within: 50)
            }
        }
        if clients[number].state == .settingUp, message.members.contains(.setupComplete) {
            clients[number].state = .idle
            post(.ask(client: number), after: .milliseconds(draw(0...1500)))
        }
        if message.content.contains(.interrupted) { clients[number].hasInterrupted = true }
        guard clients[number].state == .asking, message.content.contains(.turnComplete) else {
            return
        }
        if clients[number].hasInterrupted { return clients[number].hasInterrupted = false }
        tally.answers += 1
        clients[number].question += 1
        clients[number].state = .idle
        if clients[number].question > clients[number].turns {
            clients[number].state = .done
            line.isCut = true
            post(.clientGone(line), after: line.delay)
        } else {
            post(.ask(client: number), after: .milliseconds(draw(50...4000)))
        }
    }

    func closed(_ line: FleetLine, _ close: Close) {
        let number = line.client
        guard clients[number].line === line else { return }
        trace("client \(number) was closed: \(close.code) \(close.reason)")
        checkNewest(line, close)
        switch (clients[number].state, close.code) {
        case (.done, _): break
        case (_, 1008) where close.reason.contains("session not found"):
            clients[number].handle = ""
            redial(number, after: 100)
        case (_, 1008) where close.reason.contains("limits.sessions"):
            tally.fullPlaces += 1
            redial(number, after: 1000)
        // Its budget is used up.
        case (_, 1008): clients[number].state = .done
        case (_, 1013):
            tally.putOff += 1
            redial(number, after: 1000)
        default: redial(number, after: 50)
        }
    }

    /// The client's connection is gone, and nobody says so.
    /// - Parameter milliseconds: It redials within this time, and what `redial` adds.
    func cut(_ line: FleetLine, isHeard: Bool, within milliseconds: Int64 = 3000) {
        guard !line.isCut else { return }
        line.isCut = true
        if isHeard { post(.clientGone(line), after: line.delay) }
        let number = line.client
        guard clients[number].line === line, clients[number].state != .done else { return }
        redial(number, after: draw(0...milliseconds))
    }
}
