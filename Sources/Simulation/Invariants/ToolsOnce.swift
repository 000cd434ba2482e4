import Basics
import Sessions
import Wire

/// I8: the proxy never causes a tool to run twice, and never drops its result while the call is
/// alive.
struct ToolsOnce: Invariant {
    static let name = "I8"

    private var link: ConnectionID = 0
    /// The id under which the client was asked, by name and arguments.
    private var asked: [String: String] = [:]
    /// Where each call that the client knows was made.
    private var homes: [String: ConnectionID] = [:]
    /// Results under way, and since when.
    private var results: [String: Instant] = [:]
    /// Calls with more to come.
    private var unfinished: Set<String> = []
    private static let patience = Interval.seconds(3)
    /// Activities that were ended for silence. A stuttering microphone's may be equal, and then so is
    /// what the calls for them are about.
    private var cuts = 0
    /// A session that is over shows nothing more.
    private var isOver = false

    mutating func check(_ step: Step) -> String? {
        if isOver { return nil }
        for fact in step.notes {
            switch fact {
            case .ended: isOver = true
            case .activityEnded(by: .turnkeeper, _): cuts += 1
            default: break
            }
        }
        var fresh: Set<String> = []
        switch step.event {
        case .geminiSent(_, _, let from):
            for call in NamedCall.read(step.payload) {
                homes[call.id] = from
                if from == max(link, 1), isPiece(call), !shows(call, step), !waits(step) {
                    return "a piece of \(call.id) was kept from the client"
                }
            }
            for id in NamedCall.cancelled(step.payload) { forget(id) }
        case .geminiClosed(let gone, _):
            for (id, home) in homes where home == gone { results[id] = nil }
        case .clientSent(let message, _) where message.members.contains(.toolResponse):
            fresh = Set(NamedCall.answered(step.payload))
        default: break
        }
        for id in fresh where homes[id] == link { results[id] = step.at }
        for departure in step.departures {
            switch departure {
            case .use(let next):
                link = next
                results.removeAll()
            case .toGemini(let bytes):
                for id in NamedCall.answered(bytes) { results[id] = nil }
            case .toClient(let bytes):
                // It knows the call by the id it was first given.
                for id in NamedCall.cancelled(bytes) { forget(id) }
                if let complaint = ask(bytes) { return complaint }
            }
        }
        let late = results.first { step.at - $0.value > Self.patience }
        return late.map { "the result of \($0.key) was kept, though its call is open" }
    }

    /// Whether it is one of several messages that make up the call.
    private mutating func isPiece(_ call: NamedCall) -> Bool {
        if call.isUnfinished { return !unfinished.insert(call.id).inserted }
        return unfinished.remove(call.id) != nil
    }

    private func shows(_ call: NamedCall, _ step: Step) -> Bool {
        step.departures.contains { departure in
            guard case .toClient(let bytes) = departure else { return false }
            return NamedCall.read(bytes).contains { $0.id == call.id }
        }
    }

    /// Until the call is complete it is unknown whether the client has seen it.
    private func waits(_ step: Step) -> Bool {
        step.notes.contains { fact in
            switch fact {
            case .byproductKept(.call), .callRemembered: true
            default: false
            }
        }
    }

    private mutating func forget(_ id: String) {
        homes[id] = nil
        results[id] = nil
        for (key, other) in asked where other == id { asked[key] = nil }
    }

    /// Only calls that say what they are about can be distinguished.
    private mutating func ask(_ bytes: [UInt8]) -> String? {
        for call in NamedCall.read(bytes) where !call.isUnfinished && call.key.contains("#") {
            let other = asked.updateValue(call.id, forKey: call.key)
            if let other, other != call.id, cuts < 2 {
                return "asked to run \(call.key) as \(other) and again as \(call.id)"
            }
        }
        return nil
    }
}
