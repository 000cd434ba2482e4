/// A page of panels.
public struct Board: Sendable {
    /// Also its file name and its identity in Grafana.
    public let name: String
    public let title: String
    public let description: String
    public let rows: [Row]

    public struct Row: Sendable {
        public let title: String
        public let panels: [Panel]

        init(_ title: String, _ panels: [Panel]) {
            self.title = title
            self.panels = panels
        }
    }

    public var panels: [Panel] { rows.flatMap(\.panels) }

    /// In the order in which a person on call reads them.
    public static let all = [fleet, sessions, tenants, workers]
}

/// One graph or table.
public struct Panel: Sendable {
    public let title: String
    /// What is shown and how to interpret it, for the panel's tooltip.
    public let description: String
    public let kind: Kind
    public let unit: Unit
    /// In columns, of 24.
    public let width: Int
    public let targets: [Target]

    public enum Kind: Sendable {
        case lines
        /// Stacked lines: parts of a whole.
        case stack
        /// The newest value, large, above its history.
        case number
        /// A row per label set, a column per target.
        case table
        /// Buckets of a histogram over time.
        case heatmap
    }

    /// Grafana's names.
    public enum Unit: String, Sendable {
        case count = "short"
        case perSecond = "ops"
        case seconds = "s"
        case share = "percentunit"
        case bytes = "bytes"
        case bytesPerSecond = "Bps"
        case dollars = "currencyUSD"
        case flag = "bool_yes_no"
    }

    public struct Target: Sendable {
        public let query: Query
        /// A Grafana template: `{{outcome}}`.
        public let legend: String
    }

    static func lines(
        _ title: String, _ unit: Unit, _ description: String, width: Int = 8,
        _ targets: [(Query, String)]
    ) -> Panel {
        Panel(title, description, .lines, unit, width, targets)
    }

    static func stack(
        _ title: String, _ unit: Unit, _ description: String, width: Int = 8,
        _ targets: [(Query, String)]
    ) -> Panel {
        Panel(title, description, .stack, unit, width, targets)
    }

    static func number(
        _ title: String, _ unit: Unit, _ description: String, width: Int = 4, _ query: Query
    ) -> Panel {
        Panel(title, description, .number, unit, width, [(query, "")])
    }

    static func table(
        _ title: String, _ unit: Unit, _ description: String, width: Int = 24,
        _ targets: [(Query, String)]
    ) -> Panel {
        Panel(title, description, .table, unit, width, targets)
    }

    static func heatmap(
        _ title: String, _ unit: Unit, _ description: String, width: Int = 12, _ query: Query
    ) -> Panel {
        Panel(title, description, .heatmap, unit, width, [(query, "{{le}}")])
    }

    private init(
        _ title: String, _ description: String, _ kind: Kind, _ unit: Unit, _ width: Int,
        _ targets: [(Query, String)]
    ) {
        self.title = title
        self.description = description
        self.kind = kind
        self.unit = unit
        self.width = width
        self.targets = targets.map { Target(query: $0.0, legend: $0.1) }
    }
}
