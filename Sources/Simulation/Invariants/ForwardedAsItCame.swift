import Basics
import Policies
import Sessions
import Wire

/// I4: a message no rule touches is forwarded byte for byte, same opcode, in order, once. What a
/// rule held goes out later as the bytes that came, in the order they came.
struct ForwardedAsItCame: Invariant {
    static let name = "I4"

    /// Messages that were neither forwarded nor known to be dropped, oldest first.
    private var held: [[UInt8]] = []
    private var isOver = false

    mutating func check(_ step: Step) -> String? {
        var forwards = 0
        var isTouched = false
        var opcode: Opcode?
        if case .clientSent(_, let own) = step.event { opcode = own }
        for action in step.actions {
            switch action {
            case .forward: forwards += 1
            case .note(.ruleApplied(_, let mode, _)): if mode == .enforce { isTouched = true }
            case .note(.ended): isOver = true
            case .send(.gemini, let bytes, let used):
                if let opcode, used != opcode { return "sent with opcode \(used)" }
                if let complaint = release(bytes) { return complaint }
            case .send, .dial, .accept, .refuse, .ping, .close, .note: break
            }
        }
        guard case .clientSent = step.event, !isOver else { return nil }
        if forwards > 1 { return "forwarded \(forwards) times" }
        if forwards == 0, !isTouched { return "not forwarded, and no rule says why" }
        if forwards == 0 { held.append(step.payload) }
        if held.count > 4096 { held.removeFirst(2048) }
        return nil
    }

    /// What goes out late must not overtake what came before it.
    private mutating func release(_ bytes: [UInt8]) -> String? {
        guard let index = held.firstIndex(of: bytes) else { return nil }
        held.removeFirst(index + 1)
        return nil
    }
}
