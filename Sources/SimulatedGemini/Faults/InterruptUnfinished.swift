import Basics

/// `interrupted` without the `turnComplete` that belongs to it. Catalogue 12,
/// interrupt-state-stuck.
struct InterruptUnfinished: Fault {
    static let name = "interrupt-unfinished"
    static let summary = "omits the turnComplete after interrupted"
    static let occasions: Occasions = .interruption
    static let topic = Topic.interruption

    init(_ options: inout FaultOptions) throws(Complaint) {}

    mutating func strike(_ interruption: inout Reply, ofTurn turn: Int) {
        interruption.change { draft in
            guard draft.turnComplete else { return draft }
            guard draft.interrupted else { return nil }
            var flag = Draft()
            flag.interrupted = true
            return flag
        }
    }
}
