import Basics

/// Usage reports without modalities, or none at all. Catalogue 10.1.
struct BareUsage: Fault {
    static let name = "bare-usage"
    static let summary = "leaves the modalities out of usageMetadata, or sends none"
    static let occasions: Occasions = .reply

    private let isAbsent: Bool

    init(_ options: inout FaultOptions) throws(Complaint) {
        isAbsent = try options.flag("absent", default: false)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("absent", ["", "true"], &dice)
        return options
    }

    mutating func strike(_ reply: inout Reply) {
        let receipt: Draft.Receipt = isAbsent ? .none : .bare
        reply.change { draft in
            guard draft.receipt != .none else { return draft }
            var poor = draft
            poor.receipt = receipt
            return poor
        }
    }
}
