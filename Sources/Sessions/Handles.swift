import Basics

/// Gemini's resumption handles, newest last: the last one of each turn, for several turns, because
/// a handle issued after the trouble began brings the trouble back (failure catalogue 2.1, 5.x).
struct Handles {
    struct Kept: Equatable {
        var text: String
        var at: Instant
        /// When the last connection ended that issued it or was resumed with it; `nil` while one
        /// lives.
        var usedUntil: Instant?
        /// Number of turns begun when it came.
        var turn: Int
        /// What a connection resumed with it knows.
        var knowledge = Knowledge()
        /// No turn was waiting when it came: it misses nothing.
        var isComplete = false
        /// A call was open when it came. It is unknown whether a service resumed with it makes the
        /// call again, waits for its result, or has forgotten it.
        var hasOpenCall = false
        /// The calls that its connection knew of when it came, by number.
        var calls = IDSet()
        /// Connections opened with it that failed before they were of any use.
        var deaths = 0

        /// What it takes.
        var size: Int {
            Footprint.of(1, Self.self) + Footprint.of(text) + knowledge.size + calls.size
        }

        /// The service may still have it.
        fileprivate func isAlive(at now: Instant) -> Bool {
            usedUntil.map { $0 + Handles.lifetime > now } ?? true
        }

        fileprivate func isSound(before trouble: Instant?) -> Bool {
            deaths < Handles.patience && (trouble.map { at < $0 } ?? true)
        }
    }

    private var kept: [Kept] = [] { didSet { size = kept.reduce(0) { $0 + $1.size } } }
    /// Bytes kept: how long its handles are is the service's choice.
    private(set) var size = 0

    private static let limit = 4
    /// Google's have some hundred characters, and their length is not documented.
    private static let longest = 16_384
    /// Google keeps them two hours after the connection's end (wire reference 10.3).
    fileprivate static let lifetime = Interval.seconds(110 * 60)
    fileprivate static let patience = 2

    var isEmpty: Bool { kept.isEmpty }

    /// - Parameter suspect: When something went wrong that later handles may bring back.
    mutating func keep(_ handle: Kept, suspect: Instant?) {
        guard 1...Self.longest ~= handle.text.utf8.count else { return }
        kept.removeAll { old in
            old.text == handle.text
                || old.turn == handle.turn && (suspect.map { old.at >= $0 } ?? true)
                    && (old.hasOpenCall || !handle.hasOpenCall)
                    && (handle.isComplete || !old.isComplete)
        }
        kept.append(handle)
        if kept.count > Self.limit { kept.removeFirst() }
    }

    /// The oldest go until this much less is kept: a session without one can be rebuilt.
    mutating func shrink(by bytes: Int) {
        guard bytes > 0 else { return }
        let bound = size - bytes
        while !kept.isEmpty, size > bound { kept.removeFirst() }
    }

    /// The connection in use is gone.
    mutating func connectionEnded(at now: Instant) {
        for index in kept.indices where kept[index].usedUntil == nil {
            kept[index].usedUntil = now
        }
    }

    /// The service has opened another connection with it.
    mutating func resumed(with text: String) {
        guard let index = kept.firstIndex(where: { $0.text == text }) else { return }
        kept[index].usedUntil = nil
    }

    /// The newest handle from before `trouble` that the service may still have and has not failed; preferably
    /// one without an open call.
    func newest(before trouble: Instant, at now: Instant) -> Kept? {
        preferred { $0.at < trouble && $0.isAlive(at: now) && $0.deaths < Self.patience }
    }

    /// The newest that the service may still have, however often it was useless.
    func living(at now: Instant) -> Kept? { preferred { $0.isAlive(at: now) } }

    /// The newest of all, or the newest from before some trouble.
    func last(before trouble: Instant?) -> Kept? { preferred { $0.isSound(before: trouble) } }

    /// The newest of them that misses nothing and contains no open question.
    func settled(before trouble: Instant?) -> Kept? {
        kept.last { $0.isSound(before: trouble) && $0.isComplete && !$0.hasOpenCall }
    }

    /// Prefers handles from the end of a turn: a memory with an open question, answered since,
    /// would answer it again.
    private func preferred(_ isUsable: (Kept) -> Bool) -> Kept? {
        let newest = kept.last
        return kept.last { isUsable($0) && !$0.hasOpenCall && ($0.isComplete || $0 == newest) }
            ?? kept.last { isUsable($0) && !$0.hasOpenCall } ?? kept.last(where: isUsable)
    }

    /// The newest call known to the last handle with an open call.
    var callsOpen: Int { kept.last(where: \.hasOpenCall)?.calls.last ?? 0 }

    /// A connection opened with it was useless; `isDead` if the service said why.
    mutating func failed(_ text: String, isDead: Bool) {
        guard let index = kept.firstIndex(where: { $0.text == text }) else { return }
        kept[index].deaths += isDead ? Self.patience : 1
        if isDead { kept.remove(at: index) }
    }

    /// The handles were not at fault.
    mutating func forgive() {
        for index in kept.indices { kept[index].deaths = 0 }
    }

    /// It opened a connection that answered.
    mutating func worked(_ text: String) {
        guard let index = kept.firstIndex(where: { $0.text == text }) else { return }
        kept[index].deaths = 0
    }

    /// A fresh session replaced the one they belong to.
    mutating func forget(before fresh: Instant) { kept.removeAll { $0.at <= fresh } }
}
