import Metrics
import Usage

/// What has been counted for a turn.
struct CountedTurn: BitwiseCopyable {
    var turn = 0
    var reported = Tokens()
    var estimated = Tokens()
    /// The total of both directions.
    var total: Int64 = 0
    var cost: Int64 = 0
    /// The part of `cost` that has been added to the counter.
    var countedCost: Int64 = 0
    /// The counters have its estimates, too.
    var isSettled = false
}

/// One session's tokens and cost in its worker's shard. A series is looked up when its first token
/// comes, because a conversation uses few of the many possible ones.
struct TokenMeter {
    private let tenant: String
    private let model: String
    /// One for each source, direction and modality, in the order of `names`; empty before the first
    /// token.
    private var series: [SeriesID?] = []
    private var cost: SeriesID?

    private enum Source: Int, CaseIterable { case reported, estimated }

    /// Modalities, and separate names for thoughts and tools.
    private static let names = Modality.allCases.map(\.rawValue) + ["thought", "tool"]
    private static let width = 8

    init(tenant: String, model: String) {
        self.tenant = tenant
        self.model = model
    }

    /// Adds the difference between `turn` and `before`, an earlier count of the same turn. Counters
    /// never decrease: estimates wait for `settle`, as the report that replaces them may be late.
    mutating func count(
        _ turn: inout CountedTurn, since before: CountedTurn, _ shard: inout Shard
    ) {
        count(turn.reported, since: before.reported, .reported, &shard)
        (turn.countedCost, turn.isSettled) = (before.countedCost, before.isSettled)
        if turn.isSettled {
            count(turn.estimated, since: before.estimated, .estimated, &shard)
        } else if turn.estimated != Tokens() {
            return
        }
        turn.isSettled = true
        pay(&turn, &shard)
    }

    /// Counts the turn's estimates, since no report is expected any more.
    mutating func settle(_ turn: inout CountedTurn, _ shard: inout Shard) {
        guard !turn.isSettled else { return }
        turn.isSettled = true
        count(turn.estimated, since: Tokens(), .estimated, &shard)
        pay(&turn, &shard)
    }

    private mutating func pay(_ turn: inout CountedTurn, _ shard: inout Shard) {
        guard turn.cost > turn.countedCost else { return }
        let known = cost ?? shard.series(.cost, [tenant, model])
        cost = known
        shard.add(Double(turn.cost - turn.countedCost) / 1e6, to: known)
        turn.countedCost = turn.cost
    }

    private mutating func count(
        _ new: Tokens, since old: Tokens, _ source: Source, _ shard: inout Shard
    ) {
        guard new != old else { return }
        let prompt = source.rawValue * 2 * Self.width
        let response = prompt + Self.width
        count(new.prompt, since: old.prompt, at: prompt, &shard)
        count(new.response, since: old.response, at: response, &shard)
        add(new.thoughts, old.thoughts, response + Self.width - 2, &shard)
        add(new.toolUse, old.toolUse, prompt + Self.width - 1, &shard)
    }

    /// In the order of `Modality.allCases`.
    @inline(__always)
    private mutating func count(
        _ new: ModalityTokens, since old: ModalityTokens, at first: Int, _ shard: inout Shard
    ) {
        add(new.text, old.text, first, &shard)
        add(new.audio, old.audio, first + 1, &shard)
        add(new.image, old.image, first + 2, &shard)
        add(new.video, old.video, first + 3, &shard)
        add(new.document, old.document, first + 4, &shard)
        add(new.other, old.other, first + 5, &shard)
    }

    @inline(__always)
    private mutating func add(_ new: Int64, _ old: Int64, _ place: Int, _ shard: inout Shard) {
        guard new > old else { return }
        let known = series.isEmpty ? nil : series[place]
        shard.add(Double(new - old), to: known ?? open(place, &shard))
    }

    @inline(never)
    private mutating func open(_ place: Int, _ shard: inout Shard) -> SeriesID {
        let side = place / Self.width
        let source: Source = side < 2 ? .reported : .estimated
        let labels = [
            tenant, model, side % 2 == 0 ? "prompt" : "response", Self.names[place % Self.width],
            "\(source)",
        ]
        let id = shard.series(.tokens, labels)
        if series.isEmpty { series = Array(repeating: nil, count: 2 * 2 * Self.width) }
        series[place] = id
        return id
    }
}
