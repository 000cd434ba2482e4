import Basics

/// Says the same sentence twice in one turn. Catalogue 7.2.
struct RepeatsPhrase: Fault {
    static let name = "repeats-phrase"
    static let summary = "repeats its answer within one turn"
    static let occasions: Occasions = .mind

    init(_ options: inout FaultOptions) throws(Complaint) {}

    mutating func strike(_ mind: inout Mind) {
        mind.phrase = (mind.phrase ?? mind.voice.say(.goodbye)).repeated(2)
    }
}
