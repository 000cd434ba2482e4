public import Metrics

/// A PromQL expression whose metrics are cases of the catalogue, so that a metric that does not
/// exist does not compile:
///
///     "sum by (outcome) (rate(\(.turns)[\(.window)]))"
///     "sum(rate(\(.firstAudio, .bucket)[\(.window)])) by (le)"
///     "sum(rate(\(.sessions, #"outcome="completed""#)[\(.window)]))"
public struct Query: ExpressibleByStringInterpolation, Sendable {
    public enum Piece: Sendable {
        case text(String)
        case series(Metric, Part, matchers: String)
        case span(Span)
    }

    /// One of a histogram's series.
    public enum Part: String, Sendable {
        case all = ""
        case bucket = "_bucket"
        case sum = "_sum"
        case count = "_count"
    }

    /// The range of a query.
    public enum Span: Sendable {
        /// The shortest range that rates allow.
        case window
        /// The whole time range of the page.
        case range
    }

    public let pieces: [Piece]

    public init(stringLiteral text: String) { pieces = [.text(text)] }
    public init(stringInterpolation: StringInterpolation) { pieces = stringInterpolation.pieces }

    public struct StringInterpolation: StringInterpolationProtocol, Sendable {
        var pieces: [Piece] = []

        public init(literalCapacity: Int, interpolationCount: Int) {}
        public mutating func appendLiteral(_ text: String) { pieces.append(.text(text)) }

        /// - Parameter matchers: In PromQL's notation: `outcome="lost",mode!="observe"`.
        public mutating func appendInterpolation(
            _ metric: Metric, _ part: Part = .all, _ matchers: String = ""
        ) {
            pieces.append(.series(metric, part, matchers: matchers))
        }

        public mutating func appendInterpolation(_ metric: Metric, _ matchers: String) {
            pieces.append(.series(metric, .all, matchers: matchers))
        }

        /// A quantile.
        public mutating func appendInterpolation(_ number: Double) {
            pieces.append(.text(number.description))
        }

        public mutating func appendInterpolation(_ span: Span) { pieces.append(.span(span)) }
    }

    /// Where the expression will be used.
    public enum Form: Sendable {
        /// In a Grafana panel, filtered by the page's variables.
        case grafana
        /// Standalone, in an alert or a Prometheus query, with these ranges.
        case plain(window: String, range: String)
    }

    public func text(_ form: Form) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .series(let metric, let part, let matchers):
                Self.selector(metric, part, matchers, form)
            case .span(let span): Self.text(span, form)
            }
        }.joined()
    }

    /// The metrics it uses.
    public var metrics: [Metric] {
        pieces.compactMap { if case .series(let metric, _, _) = $0 { metric } else { nil } }
    }

    private static func text(_ span: Span, _ form: Form) -> String {
        switch (span, form) {
        case (.window, .grafana): "$__rate_interval"
        case (.range, .grafana): "$__range"
        case (.window, .plain(let window, _)): window
        case (.range, .plain(_, let range)): range
        }
    }

    private static func selector(
        _ metric: Metric, _ part: Part, _ matchers: String, _ form: Form
    ) -> String {
        let definition = metric.definition
        var all = matchers.isEmpty ? [] : [matchers]
        if case .grafana = form {
            if definition.scope == .tenant {
                all += [#"tenant=~"$tenant""#, #"model=~"$model""#]
            }
            // Other programs export process metrics, too; the job distinguishes them.
            all += [#"job=~"$job""#, #"instance=~"$instance""#]
        }
        let name = definition.fullName + part.rawValue
        return all.isEmpty ? name : "\(name){\(all.joined(separator: ","))}"
    }
}
