import Basics
import CLinux
import Ledger
import Usage

/// Fills a ledger with invented conversations, for the inspector's tests and pictures.
///
///     dev seed-ledger --folder DIR [--sessions 1000] [--live 0] [--days 14] [--seed 1] [--hostile]
///
/// With `--live N` it continues: N sessions converse in real time, each followed by another, until
/// the process is ended. The same seed gives the same conversations.
enum SeedLedger {
    static func run(_ arguments: [String]) -> Int32 {
        let options = Options(arguments)
        let known = ["--folder", "--sessions", "--live", "--days", "--seed", "--hostile"]
        if let name = options.unknown(besides: known) {
            print("dev seed-ledger has no option \(name)")
            return 2
        }
        guard let folder = options.string("--folder") else {
            print("Try: dev seed-ledger --folder DIR --sessions 1000")
            return 2
        }
        Files.makeFolder(folder)
        var settings = Ledger.Options()
        settings.version = "seeded"
        switch Ledger.open(folder + "/ledger.db", settings) {
        case .failure(let error):
            print("error: \(error)")
            return 1
        case .success(let ledger):
            var seeder = Seeder(ledger, options)
            seeder.fill()
            ledger.flush()
            print("seeded \(folder)/ledger.db")
            flushOutput()
            seeder.live()
            ledger.close()
            return 0
        }
    }
}

private struct Seeder {
    private let ledger: Ledger
    private let sessions: Int
    private let liveSessions: Int
    private let days: Int
    private let isHostile: Bool
    private var random: SeededRandom
    private let now = WallTime(nanoseconds: tk_wall())

    init(_ ledger: Ledger, _ options: Options) {
        self.ledger = ledger
        sessions = options.int("--sessions") ?? 1000
        liveSessions = options.int("--live") ?? 0
        days = options.int("--days") ?? 14
        isHostile = options.flag("--hostile")
        random = SeededRandom(seed: UInt64(options.int("--seed") ?? 1))
    }

    /// Ended sessions, most of them recent.
    mutating func fill() {
        for _ in 0..<max(0, sessions) {
            let age = Double.random(in: 0...1, using: &random)
            let seconds = age * age * Double(days) * 86_400 + 1800
            var story = Story(start: now - .milliseconds(Int64(seconds * 1000)), &random)
            if isHostile { story.makeHostile() }
            for (_, record) in story.records { write(record) }
        }
    }

    /// Conversations in progress, in real time.
    mutating func live() {
        guard liveSessions > 0 else { return }
        var stories = (0..<liveSessions).map { _ in
            let elapsed = Int64.random(in: 0...90_000, using: &random)
            return (
                story: Story(start: now - .milliseconds(elapsed), isLong: true, &random), next: 0
            )
        }
        while true {
            let present = WallTime(nanoseconds: tk_wall())
            for place in stories.indices {
                let records = stories[place].story.records
                while stories[place].next < records.count,
                    stories[place].story.start + records[stories[place].next].at <= present
                {
                    write(records[stories[place].next].record)
                    stories[place].next += 1
                }
                if stories[place].next == records.count {
                    stories[place] = (Story(start: present, isLong: true, &random), 0)
                }
            }
            usleep(100_000)
        }
    }

    /// The ledger accepts no more than a second's worth at once, which is less than is generated
    /// here.
    private func write(_ record: Record) {
        if ledger.condition.queued > 10_000 { ledger.flush() }
        ledger.append(record)
    }
}
