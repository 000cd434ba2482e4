/// What a fleet is watched for.
public enum FleetChecker: String, CaseIterable, Sendable {
    /// No conversation is driven by two nodes: one that has heard of a claim says no more to gemini,
    /// and nothing that it writes afterwards is taken.
    case heldOnce = "HeldOnce"
    /// Of a client's connections the newest goes on, whatever it asked before.
    case newest = "Newest"
    /// What the database has said it kept is there for whoever claims the conversation, and gemini
    /// knows it when it answers there.
    case nothingForgotten = "NothingForgotten"
    /// No question is answered more often than it was asked: by its client, and by a session that has
    /// not seen the answer.
    case answeredOnce = "AnsweredOnce"
    /// No process begins a session or a turn that the formula of budgets forbids.
    case budget = "Budget"
    /// Nobody is refused for want of a place who comes back to a conversation that has one.
    case shutOut = "ShutOut"
    /// A tenant's sessions: at most the limit, and what processes held that the database has not
    /// heard of for long.
    case places = "Places"
    /// A token begins as many sessions as it has uses, and no fewer where no process died.
    case token = "Token"
    /// The books have every report of gemini's that was on a disk, once.
    case books = "Books"
    /// The simulation itself.
    case rest = "Rest"
}

/// What a fleet is made to do wrong, so that the checker is seen to bite.
public enum FleetSabotage: String, CaseIterable, Sendable {
    /// The database takes drafts whatever their generation.
    case unfenced
    /// A node goes on with what others have taken.
    case deafNode
    /// The database grants claims in the order in which they come.
    case timelessClaims
    /// The database takes no more of a conversation from the moment it is claimed.
    case hastyFence
    /// A handle is unknown if it is at once.
    case impatience
    /// The database says that it has kept what it has not.
    case forgetfulDatabase
    /// States of conversations are not written in transactions, and may be done late.
    case lateStatements
    /// A node tells gemini every question twice.
    case echo
    /// A node does not hear what others have spent.
    case deafBudget
    /// Places are granted without a look at what others hold.
    case generousPlaces
    /// No conversation brings its place along.
    case lostPlaces
    case unboundedToken
    /// A use that was had is given back all the same.
    case lostUse
    /// Rows that are sent again are added again.
    case doubledBooks
    /// Rows are forgotten before the database has them.
    case lostBooks

    /// By which it must be found.
    public var checker: FleetChecker {
        switch self {
        case .unfenced, .deafNode: .heldOnce
        case .timelessClaims: .newest
        case .hastyFence, .impatience, .forgetfulDatabase, .lateStatements: .nothingForgotten
        case .echo: .answeredOnce
        case .deafBudget: .budget
        case .generousPlaces: .places
        case .lostPlaces: .shutOut
        case .unboundedToken, .lostUse: .token
        case .doubledBooks, .lostBooks: .books
        }
    }
}
