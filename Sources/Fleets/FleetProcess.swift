import Basics
import Sessions
import Sharing

/// A process of a node: what it knows, and its one connection to the database. What it decides is
/// what `Sharing` decides; here are its thread, its files and its workers.
final class FleetProcess {
    struct Question {
        var job: FleetJob
        var deadline: Instant
    }

    let id: String
    let node: Int
    let begun: Instant
    var isAlive = true
    var isDraining = false

    // What nodes share.
    var drafts = Drafts(room: 64 << 20)
    var rounds = PlaceRounds()
    var others = OtherPlaces()
    var places = HeldPlaces(isShared: true)
    var budget: DayBudget
    var otherSpending: OtherSpending
    var returns = TokenReturns()
    /// Sessions by what they drive: the digest is the handle itself here.
    var live: [String: Int] = [:]
    var registry: [String: (seat: Int, offer: LiveOffer)] = [:]

    // Its files: what a process in its place finds.
    var dead: [String] = []
    /// Rows of earlier processes.
    var inherited: [(key: SpendingTable.Key, cost: Int64)] = []
    /// The file `spending`, a second old at most.
    var file: (total: Int64, rows: [(key: SpendingTable.Key, cost: Int64)], day: Int64)
    var spool: [BookRow] = []
    var unspooled: [BookRow] = []

    // Its thread.
    var isConnected = false
    var connectedAt: Instant
    /// Why nobody is asked; as `SharedState.outage`.
    var isCutOff = true
    var questions: [Question] = []
    var nextRound: Instant
    /// Number of the part that is next; nil between rounds.
    var part: Int?
    var partBegun: Instant
    /// Of the statement that is under way.
    var job = 0
    var isBusy = false
    var isEnding = false
    var window = Interval.zero
    /// What this round has heard, and not acknowledged yet.
    var superseded: [Superseded] = []
    var roundBegun: Instant

    /// When its first round was over, or had failed.
    var tried: Instant?

    // For checkers.
    /// Sessions that it began before it had heard of the database.
    var tookUnheard = 0
    /// What it held when the database had not heard of it for so long that others may have it.
    var heldAbsent = 0
    var lastRound: Instant
    /// When it last heard of what others have taken.
    var heardOfClaims: Instant
    /// What it knows of spending: others' sum, and its own then; and the sum that is on its way.
    var heard: (others: Int64, own: Int64) = (0, 0)
    var hearing: Int64 = 0
    var heardDay: Int64 = 7

    init(_ id: String, node: Int, day: Int64, at now: Instant) {
        self.id = id
        self.node = node
        begun = now
        budget = DayBudget(day: day)
        otherSpending = OtherSpending(day: day)
        file = (0, [], day)
        nextRound = now
        partBegun = now
        roundBegun = now
        heardOfClaims = now
        connectedAt = now
        lastRound = now
    }

    /// With what the process before it has left on the disk.
    func inherit(_ old: FleetProcess, day: Int64) {
        dead = old.dead + [old.id]
        spool = old.spool
        guard old.file.day == day else { return }
        budget.restore(old.file.total, isShared: true)
        inherited = old.file.rows
        file = (old.file.total, old.file.rows, day)
        (heardDay, heard.others) = (day, old.file.total)
    }

    /// As it is done once a second.
    func save() {
        spool += unspooled
        unspooled = []
        let own = (SpendingTable.Key(day: budget.day, tenant: "acme", process: id), budget.spent)
        file = (budget.total, inherited + (budget.spent > 0 ? [own] : []), budget.day)
    }

    /// A newcomer accepts when it has its share; it does not wait for long, nor without an answer.
    func isOpen(at now: Instant) -> Bool {
        guard isAlive, !isDraining else { return false }
        guard let tried else { return now > begun + .seconds(5) }
        return rounds.isSettled || isCutOff || now > tried + .seconds(2)
    }

    /// Others may have what it holds, once the database has not heard of it for so long. Its rounds
    /// end later than they are heard of.
    func noteAbsence(at now: Instant) {
        guard now - lastRound > PlaceRounds.absence + .seconds(-3) else { return }
        heldAbsent = max(heldAbsent, places.holding, places.used)
    }

    var processes: Int { rounds.processes > 0 ? rounds.processes : HeldPlaces.unheard }

    func hasSpent(_ most: Int64) -> Bool {
        budget.hasSpent(most, cutOffAmong: isCutOff ? processes : nil)
    }
}
