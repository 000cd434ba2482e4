import Basics

/// Changes to another language without being asked. Catalogue 7.7.
struct WrongLanguage: Fault {
    static let name = "wrong-language"
    static let summary = "answers in another language"
    static let occasions: Occasions = .mind

    init(_ options: inout FaultOptions) throws(Complaint) {}

    mutating func strike(_ mind: inout Mind) {
        mind.says("Hola, José. ¿En qué puedo ayudarte hoy?", soundingLike: .greeting)
    }
}
