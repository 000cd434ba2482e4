import Basics
import Usage
import Wire

/// What the writer knows of an open session, including what is only in the log.
struct OpenSession {
    let key: Int64
    let started: WallTime
    /// Its end is written, and by the end of the batch everything else is too.
    var isOver = false
    /// A turn has ended, so its block can be closed.
    var isDue = false
    var touched: Instant

    /// Entries since the last block: a JSON array without its end.
    private(set) var entries: [UInt8] = []
    private(set) var first: Int64 = 0
    private(set) var last: Int64 = 0
    private(set) var since = Instant(nanoseconds: 0)
    /// The newest turn that begins in them.
    private(set) var begun: Int?

    /// The current turn.
    private(set) var turn: (number: Int, input: String, started: WallTime)?
    /// Sums that the turn's own end may supersede at once.
    private(set) var usages: [TurnUsage] = []
    private(set) var usagesSince = Instant(nanoseconds: 0)

    /// Remedies by their index in `RemedyCount.words`.
    private(set) var troubles: [Int]
    var hasNewTroubles = false

    /// A report is usually followed within this time by its turn's end, which contains the same and
    /// more.
    static let usagePause = Interval.milliseconds(500)
    /// How long a block may wait for its turn's end: this limits how much of the log a reader must
    /// skip.
    private static let blockPause = Interval.seconds(10)
    private static let blockRoom = 64 << 10

    init(key: Int64, started: WallTime, troubles: [Int], at now: Instant) {
        self.key = key
        self.started = started
        self.troubles = troubles
        touched = now
    }

    // MARK: Entries

    /// Appends an entry, here and to the log.
    mutating func enter(_ entry: Entry, number: Int64, into log: inout [UInt8], at now: Instant) {
        if entries.isEmpty {
            first = number
            since = now
        }
        last = number
        touched = now
        if entry.what == Entry.turn { begun = entry.turn }
        entries.openElement()
        let start = entries.count
        entries.append(decimal: number)
        entries.append(UInt8(ascii: ","))
        entries.append(decimal: entry.at.nanoseconds / 1000)
        for text in [entry.what, entry.lane, entry.text] {
            entries.append(UInt8(ascii: ","))
            entries.append(json: text)
        }
        if let turn = entry.turn {
            entries.append(UInt8(ascii: ","))
            entries.append(decimal: Int64(turn))
        }
        entries.append(UInt8(ascii: "]"))
        log.openElement()
        log.append(decimal: key)
        log.append(UInt8(ascii: ","))
        log.append(contentsOf: entries[start...])
        if RemedyCount.known.contains(entry.what),
            let place = RemedyCount.words.firstIndex(of: entry.what)
        {
            troubles[place] += 1
            hasNewTroubles = true
        }
    }

    func hasBlock(at now: Instant) -> Bool {
        !entries.isEmpty
            && (isDue || isOver || entries.count >= Self.blockRoom
                || now - since >= Self.blockPause)
    }

    /// Returns the entries as one document and forgets them.
    mutating func takeBlock() -> [UInt8] {
        defer {
            entries = []
            begun = nil
            isDue = false
        }
        entries.append(UInt8(ascii: "]"))
        return entries
    }

    // MARK: Turns

    mutating func begin(_ number: Int, _ input: String, at moment: WallTime) {
        turn = (number, input, moment)
    }

    /// The turn's row contains what was held back.
    mutating func end(_ number: Int) {
        if turn?.number == number { turn = nil }
        usages.removeAll { $0.turn == number }
        isDue = true
    }

    mutating func hold(_ usage: TurnUsage, at now: Instant) {
        if usages.isEmpty { usagesSince = now }
        usages.removeAll { $0.turn == usage.turn }
        usages.append(usage)
    }

    func hasUsages(at now: Instant) -> Bool {
        !usages.isEmpty && (isOver || now - usagesSince >= Self.usagePause)
    }

    mutating func takeUsages() -> [TurnUsage] {
        defer { usages = [] }
        return usages
    }

    // MARK: Troubles

    /// `stalled=1,nudged=2`
    var troubleText: String {
        zip(RemedyCount.words, troubles).filter { $0.1 > 0 }.map { "\($0)=\($1)" }
            .joined(separator: ",")
    }

    static func troubles(_ text: String) -> [Int] {
        var counts = [Int](repeating: 0, count: RemedyCount.words.count)
        for trouble in RemedyCount.read(text) {
            if let place = RemedyCount.words.firstIndex(of: trouble.what) {
                counts[place] = trouble.count
            }
        }
        return counts
    }
}

/// One entry of a session's log.
struct Entry {
    /// Since the session began.
    var at: Interval
    var what: String
    /// Empty if it is not an event for people.
    var lane = ""
    var text: String
    var turn: Int?

    static let turn = ".turn"
    static let receipt = ".receipt"
}

extension RemedyCount {
    fileprivate static let known = Set(words)

    /// In the order of `words`.
    static func read(_ text: String) -> [RemedyCount] {
        var counts: [Substring: Int] = [:]
        for pair in text.split(separator: ",") {
            let parts = pair.split(separator: "=")
            if parts.count == 2, let count = Int(parts[1]) { counts[parts[0]] = count }
        }
        return words.compactMap { word in
            counts[Substring(word)].map { RemedyCount(what: word, count: $0) }
        }
    }
}

extension [UInt8] {
    /// A JSON string. Most need no escape, and are copied at once.
    fileprivate mutating func append(json text: String) {
        let needsEscape = text.utf8.contains {
            $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\")
        }
        if needsEscape { return JSONText.append(Value.withoutZeros(text), to: &self) }
        append(UInt8(ascii: "\""))
        append(contentsOf: text.utf8)
        append(UInt8(ascii: "\""))
    }

    /// Begins an array within an array that is still open.
    fileprivate mutating func openElement() {
        append(isEmpty ? UInt8(ascii: "[") : UInt8(ascii: ","))
        append(UInt8(ascii: "["))
    }
}
