import Basics
import Wire

/// The model is gone. `models` says which: without it, every one. Catalogue 11.1, 11.5.
struct RetiredModel: Fault {
    static let name = "retired-model"
    static let summary = "refuses the setup: the model no longer exists"
    static let occasions: Occasions = .setup
    static let topic = Topic.door

    private let isUnsupported: Bool

    init(_ options: inout FaultOptions) throws(Complaint) {
        isUnsupported = try options.flag("unsupported", default: false)
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("unsupported", ["", "true"], &dice)
        options.draw("total", ["1"], &dice)
        return options
    }

    mutating func strike(_ setup: inout SetupReply) {
        setup.answer = .close(
            isUnsupported
                ? .cut(1007, "\(setup.model) is not supported in the live api.")
                : .cut(
                    1008,
                    "models/\(setup.model) is not found for API version v1beta, or is not supported for bidiGenerateContent. Call ListModels to see"
                ))
    }
}
