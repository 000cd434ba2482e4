import Basics
import Wire

/// How messages are sent, where the protocol leaves it open (`Unknowns`).
extension SimulatedConnection {
    /// Moves the usage report of a turn's end into a separate message.
    func separate(_ draft: inout Draft, _ turn: Int) {
        guard service.scenario.unknowns.separatesUsage, draft.turnComplete, turn > 0 else { return }
        switch draft.receipt {
        case .none, .empty, .extra: return
        case .exact, .bare, .textOnly: break
        }
        var report = Draft()
        report.receipt = draft.receipt
        draft.receipt = .none
        plan(.message(report), after: .milliseconds(3), turn: turn)
    }

    /// Sends a message that means nothing to a turn.
    func chatter(_ opcode: Opcode) {
        let often = service.scenario.unknowns.chatter
        guard often > 0, phase == .live, random.chance(often) else { return }
        var draft = Draft()
        draft.voiceActivity = (isStart: true, offset: audioOffset)
        output.append(.send(draft.json(spelling, usage: nil), opcode))
    }
}
