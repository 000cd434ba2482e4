import Metrics
import Usage

/// One session's tokens and cost in its worker's shard. A series is looked up when its first token
/// comes, because a conversation uses few of the many possible ones.
struct TokenMeter {
    private let tenant: String
    private let model: String
    /// By source, direction and modality, as `place` counts them.
    private var series: [SeriesID?]
    private var cost: SeriesID?

    private enum Source: Int, CaseIterable { case reported, estimated }

    private static let modalities = Modality.allCases
    /// Modalities, and separate names for thoughts and tools.
    private static let names = modalities.map(\.rawValue) + ["thought", "tool"]

    init(tenant: String, model: String) {
        self.tenant = tenant
        self.model = model
        series = Array(repeating: nil, count: 2 * 2 * Self.names.count)
    }

    /// Adds the difference between `usage` and `before`, an earlier count of the same turn.
    mutating func count(_ usage: TurnUsage, since before: TurnUsage, _ shard: inout Shard) {
        count(usage.reported, since: before.reported, .reported, &shard)
        count(usage.estimated, since: before.estimated, .estimated, &shard)
        if usage.cost > before.cost {
            let known = cost ?? shard.series(.cost, [tenant, model])
            cost = known
            shard.add(Double(usage.cost - before.cost) / 1e6, to: known)
        }
    }

    private mutating func count(
        _ new: Tokens, since old: Tokens, _ source: Source, _ shard: inout Shard
    ) {
        guard new != old else { return }
        for (index, modality) in Self.modalities.enumerated() {
            add(new.prompt[modality], old.prompt[modality], source, "prompt", index, &shard)
            add(new.response[modality], old.response[modality], source, "response", index, &shard)
        }
        let (thought, tool) = (Self.names.count - 2, Self.names.count - 1)
        add(new.thoughts, old.thoughts, source, "response", thought, &shard)
        add(new.toolUse, old.toolUse, source, "prompt", tool, &shard)
    }

    private mutating func add(
        _ new: Int64, _ old: Int64, _ source: Source, _ direction: String, _ name: Int,
        _ shard: inout Shard
    ) {
        guard new > old else { return }
        let side = direction == "prompt" ? 0 : 1
        let place = (source.rawValue * 2 + side) * Self.names.count + name
        let known =
            series[place]
            ?? shard.series(
                .tokens, [tenant, model, direction, Self.names[name], "\(source)"])
        series[place] = known
        shard.add(Double(new - old), to: known)
    }
}
