import Basics
import Sessions
import Wire

/// I13: the client sees the ends that gemini sends. An end is made up only if no live connection
/// can send it and the client would wait forever: a barge-in on a cut reply, a turn given up as
/// lost, a connection lost after `generationComplete`.
struct TurnEnds: Invariant {
    static let name = "I13"

    private var link: ConnectionID = 0
    /// Connections that ended or were left.
    private var dead: Set<ConnectionID> = []
    /// The connection that began the reply which the client hears, until its end was shown.
    private var speaker: ConnectionID?
    /// And what the client was shown of its end.
    private var closing: ConnectionID?
    private var interruptedAt: Instant?
    private var wasLost = false
    private var isOver = false

    mutating func check(_ step: Step) -> String? {
        if case .geminiClosed(let gone, _) = step.event { dead.insert(gone) }
        for case .turnEnded(_, .lost) in step.notes { wasLost = true }
        for case .turnStarted in step.notes { wasLost = false }
        for case .ended in step.notes { isOver = true }
        let complaint = judge(step)
        follow(step)
        return complaint
    }

    private func judge(_ step: Step) -> String? {
        guard !isOver else { return nil }
        for case .madeUp(let what) in step.notes {
            if wasLost { continue }
            if let closing, dead.contains(closing) || closing != link { continue }
            if let interruptedAt, step.at - interruptedAt >= .seconds(2) { continue }
            let wasCut = speaker.map { dead.contains($0) || $0 != link } ?? false
            if wasCut, isBargeIn(step.event) { continue }
            return "made up \(what.rawValue), which a living connection could send"
        }
        return nil
    }

    private func isBargeIn(_ event: Event) -> Bool {
        switch event {
        case .clientSent(let message, _):
            message.input.contains(.activityStart) || message.input.contains(.text)
                || message.members.contains(.clientContent) || message.voicing.voiced > 0
        case .geminiSent(let message, _, _): message.content.contains(.interrupted)
        default: false
        }
    }

    /// Tracks who speaks to the client, and how far.
    private mutating func follow(_ step: Step) {
        var from = link
        if case .geminiSent(_, _, let sender) = step.event { from = sender }
        for departure in step.departures {
            switch departure {
            case .use(let next):
                if link > 0 { dead.insert(link) }
                link = next
                from = next
            case .toGemini: break
            case .toClient(let bytes):
                guard let message = try? ServerMessage.scan(bytes.span) else { continue }
                let content = message.content
                if !content.isDisjoint(with: .output) { speaker = from }
                if content.contains(.generationComplete) { closing = from }
                if content.contains(.interrupted) {
                    closing = from
                    interruptedAt = step.at
                }
                if content.contains(.turnComplete) {
                    speaker = nil
                    closing = nil
                    interruptedAt = nil
                }
            }
        }
    }
}
