import Basics
import Sessions
import SimulatedGemini
import Wire

/// The client's side: what it receives, and what it does by itself.
extension World {
    func toClient(_ parcel: Parcel) {
        switch parcel {
        case .accepted:
            for deed in script.preamble { post(.deed(deed.what), to: .intention, after: deed.at) }
            if !script.waitsForSetup { beginBody() }
        case .refused, .close:
            hangUp(Close(1000))
        case .message(let bytes, _):
            read(bytes)
        case .upgrade, .pong, .dialFailed, .deed, .toolAnswer, .drain, .reload,
            .standstill:
            break
        }
    }

    private func read(_ bytes: [UInt8]) {
        if let complaint = grammar.check(bytes, at: now), !legs.contains(where: \.isGarbled) {
            fail("Grammar", "\(complaint)")
        }
        guard let message = try? ServerMessage.scan(bytes.span) else { return }
        if message.content.contains(.audio), let asked = askedAt {
            waits.append(now - asked)
            askedAt = nil
        }
        let isEnd = message.content.contains(.turnComplete)
        if isEnd, !message.content.contains(.inProgress) { endsShown += 1 }
        if let deeds = guest?.receive(bytes, at: now) {
            enact(deeds)
        } else if message.members.contains(.setupComplete), script.waitsForSetup {
            beginBody()
        }
        guard message.members.contains(.toolCall), !ServerGrammar.announcesMore(bytes) else {
            return
        }
        var reader = ToolReader(calls: message.tool, in: bytes.span)
        while let call = reader.nextCall(in: bytes.span) {
            let answer = Parcel.toolAnswer(
                id: JSONText.unescape(bytes.span, call.id),
                name: JSONText.unescape(bytes.span, call.name))
            let slow = guest == nil ? swarm.calm?.toolTime ?? 50...5000 : 1000...2000
            let after = Interval.milliseconds(Int64.random(in: slow, using: &random))
            post(answer, to: .intention, after: after)
        }
    }

    private func enact(_ deeds: [Deed]) {
        for deed in deeds { post(.deed(deed.what), to: .intention, after: deed.at) }
    }

    private func beginBody() {
        let offset = script.preamble.last?.at ?? .zero
        let start = script.waitsForSetup ? Interval.zero : offset
        for deed in script.body { post(.deed(deed.what), to: .intention, after: start + deed.at) }
        // Everything must have been answered by then; a healthy session is ended by its client.
        // With a faulty service, long enough for all remedies.
        let calm: Interval =
            swarm.scenario.faults.isEmpty ? .seconds(40) : Converges.patience(swarm) + .seconds(20)
        let rest = script.length + calm + (swarm.calm?.patience ?? .zero)
        post(.deed(.hangUp(Close(1000))), to: .intention, after: start + rest)
    }

    func intend(_ parcel: Parcel) {
        guard !isHangingUp else { return }
        switch parcel {
        case .deed(.message(let bytes, let what)):
            trace("client: \(what)")
            clientSends(bytes)
        case .deed(.hangUp(let close)):
            trace("client: hangs up \(close.code)")
            hangUp(close)
        case .deed(.losePatience(let line)):
            enact(guest?.losePatience(with: line, at: now) ?? [])
        case .toolAnswer(let id, let name):
            trace("client: answers \(id)")
            guest?.answered(id)
            let bytes = ClientWriter(isSnakeCase: swarm.isSnakeCase)
                .toolResponse(id: id, name: name)
            clientSends(bytes)
        case .message, .close, .upgrade, .accepted, .refused, .pong, .dialFailed, .drain, .reload,
            .standstill:
            break
        }
    }

    private func clientSends(_ bytes: [UInt8]) {
        sent += 1
        if bytes.mentions(Array("ctivity".utf8)), bytes.mentions(Array("nd\":{}".utf8)) {
            askedAt = now
        }
        post(.message(MessageTag.put(sent, on: bytes), swarm.opcode), to: .fromClient)
    }

    private func hangUp(_ close: Close) {
        guard !isHangingUp else { return }
        isHangingUp = true
        hungUpAt = now
        post(.close(close), to: .fromClient)
    }
}
