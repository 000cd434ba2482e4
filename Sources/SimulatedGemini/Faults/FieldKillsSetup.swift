import Basics
import Wire

/// The model does not support one field of the setup: it never answers, or closes. Catalogue 11.2,
/// 8.9.
struct FieldKillsSetup: Fault {
    static let name = "field-kills-setup"
    static let summary = "never answers a setup that has a certain field, or closes 1007"
    static let occasions: Occasions = .setup
    static let topic = Topic.door

    private let field: String
    private let closes: Bool

    init(_ options: inout FaultOptions) throws(Complaint) {
        field = try options.text("field", default: "contextWindowCompression")
        closes = try options.flag("closes", default: false)
    }

    func concerns(_ setup: SetupReply) -> Bool { setup.settings.fields.contains(field) }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("field", ["contextWindowCompression", "tools", "proactivity"], &dice)
        options.draw("closes", ["", "true"], &dice)
        options.draw("total", ["1", "2"], &dice)
        return options
    }

    mutating func strike(_ setup: inout SetupReply) {
        setup.answer = closes ? .close(.invalidArgument) : nil
    }
}
