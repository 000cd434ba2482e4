extension Metric.Definition {
    /// The values of the labels after tenant and model for which a series exists before anything
    /// is counted.
    var prepared: [[String]] {
        // All codes with all classes would be ten times as many as gemini uses.
        if metric == .geminiCloses { return Labels.usualCloses }
        var sets: [[String]] = [[]]
        for values in values.dropFirst(2) {
            sets = sets.flatMap { set in values.map { set + [$0] } }
        }
        return sets.count <= Self.fewSets || metric.isAlertedByLabel ? sets : []
    }

    /// The number of stall kinds, and some to spare.
    private static let fewSets = 24
}

extension Metric {
    /// Whether an alert compares some of its many label sets with all of them.
    fileprivate var isAlertedByLabel: Bool { self == .reconnects || self == .tokens }
}

extension Labels {
    /// The codes with which gemini closes, by the class of the reason. Complaints about key, quota
    /// and model, which alerts wait for, have come with several.
    static let usualCloses: [[String]] =
        [
            ("normal", ["1000", "1001", "1005"]), ("lost", ["1006"]), ("invalid", ["1007"]),
            ("policy", ["1008"]), ("internal", ["1011"]),
            ("credential", ["1000", "1007", "1008", "1011"]),
            ("quota", ["1000", "1007", "1008", "1011", "1013"]), ("handle", ["1007", "1008"]),
            ("model", ["1000", "1007", "1008", "1011"]), ("region", ["1007", "1008"]),
            ("go_away", ["1000", "1001", "1008"]), ("deadline", ["1008", "1011"]),
            ("unavailable", ["1011", "1012", "1013", "1014"]), ("application", ["3xxx", "4xxx"]),
            ("other", [Shard.rest]),
        ].flatMap { cause, codes in codes.map { [$0, cause] } }
}
