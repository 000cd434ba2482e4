import Foundation
import Testing

@testable import Dashboards
@testable import Metrics

@Suite("What is made from the catalogue")
struct ArtefactTests {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test("the files in the repository match the catalogue: `make dashboards` regenerates them")
    func bytes() throws {
        for artefact in Artefact.all {
            let file = try? String(
                contentsOf: Self.root.appending(path: artefact.path), encoding: .utf8)
            let isCurrent = file == artefact.text
            #expect(isCurrent, "\(artefact.path)")
        }
    }

    @Test("promtool accepts the rules, and each alert fires when it should and at no other time")
    func rules() throws {
        let folder = Self.root.appending(path: "Dashboards").path
        let rules = try Promtool.complaint(["check", "rules", folder + "/alerts.yaml"])
        #expect(rules == nil)
        let tests = try Promtool.complaint(["test", "rules", folder + "/alerts_test.yaml"])
        #expect(tests == nil)
    }

    @Test("promtool accepts the scraped metrics")
    func exposition() throws {
        var shard = Shard()
        for metric in Metric.allCases {
            for number in 0..<2 {
                let definition = metric.definition
                let labels = zip(definition.labels, definition.values).map { name, values in
                    values.isEmpty ? "\(name) \"\(number)\"\n\\" : values[number]
                }
                let id = shard.series(metric, labels)
                switch definition.kind {
                case .counter, .gauge: shard.add(1.5, to: id)
                case .histogram: shard.observe(0.3, in: id)
                }
            }
        }
        let text = Exposition.text(shard.snapshot())
        let complaint = try Promtool.complaint(["check", "metrics"], input: Data(text))
        #expect(complaint == nil)
    }

    @Test("shortened rules are valid, too")
    func hurried() throws {
        let file = FileManager.default.temporaryDirectory.appending(
            path: "\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try AlertRules.rules(haste: 60).write(to: file, atomically: true, encoding: .utf8)
        let complaint = try Promtool.complaint(["check", "rules", file.path])
        #expect(complaint == nil)
    }

    @Test("every alert has a heading in the runbook, and text for each of its parts")
    func runbook() {
        let page = RunbookPage.text()
        for alert in Alert.all {
            #expect(page.contains("\n## \(alert.name)\n"))
            #expect(alert.runbook.means.count > 40, "\(alert.name)")
            #expect(!alert.runbook.look.isEmpty && !alert.runbook.act.isEmpty, "\(alert.name)")
            for match in alert.summary.matches(of: /labels\.([a-z]+)/) {
                let isProved = alert.proof.labels.contains { $0.name == match.output.1 }
                #expect(isProved, "\(alert.name): \(match.output.1)")
            }
        }
        #expect(Set(Alert.all.map(\.name)).count == Alert.all.count)
        #expect(Set(Alert.all.map(\.anchor)).count == Alert.all.count)
    }
}

@Suite("What alerts wait for")
struct AlertedSeriesTests {
    /// A counter that appears with its first event has no rate, so the alert would miss that event.
    @Test("exists at zero in a fresh process", arguments: Alert.all.map(\.name))
    func zeros(name: String) throws {
        var shard = Shard()
        shard.prepare(tenant: "acme", model: "gemini-live")
        let fresh = shard.snapshot().entries
        let alert = try #require(Alert.all.first { $0.name == name })
        for case .series(let metric, _, let matchers) in alert.query.pieces {
            let definition = metric.definition
            // The others are counted elsewhere, and copied into each scrape as a whole.
            guard definition.scope == .tenant, !metric.isOfAllModels else { continue }
            let known = fresh.filter { $0.metric == metric }
            #expect(!known.isEmpty, "\(definition.fullName)")
            for (label, values) in Self.accepted(matchers, definition) {
                let place = try #require(definition.labels.firstIndex(of: label))
                for value in values {
                    let isThere = known.contains { $0.labels[place] == value }
                    #expect(isThere, "\(definition.fullName){\(label)=\(value)}")
                }
            }
        }
    }

    /// For each label that the matchers name, the catalogue's values that they accept.
    private static func accepted(
        _ matchers: String, _ definition: Metric.Definition
    ) -> [(label: String, values: [String])] {
        matchers.matches(of: /([a-z]+)(=~|!=|=)"([^"]*)"/).map { match in
            let label = String(match.output.1)
            let named = match.output.3.split(separator: "|").map(String.init)
            let place = definition.labels.firstIndex(of: label) ?? 0
            let isExcluding = match.output.2 == "!="
            return (
                label,
                isExcluding ? definition.values[place].filter { !named.contains($0) } : named
            )
        }
    }

    @Test("has every class of gemini's closes")
    func classes() {
        let classes = Set(Labels.usualCloses.map { $0[1] })
        #expect(classes == Set(Labels.closeClasses))
        let codes = Set(Labels.usualCloses.map { $0[0] })
        #expect(codes.isSubset(of: Set(Labels.closeCodes + [Shard.rest])))
    }
}

@Suite("Queries")
struct QueryTests {
    static let queries: [(String, Query)] =
        Board.all.flatMap { board in
            board.panels.flatMap { panel in
                panel.targets.map { ("\(board.name): \(panel.title)", $0.query) }
            }
        } + Alert.all.map { ($0.name, $0.query) }

    @Test("every metric is on a board or in an alert, or is listed as an exception")
    func coverage() {
        let asked = Set(Self.queries.flatMap { $0.1.metrics })
        for metric in Metric.allCases {
            #expect(asked.contains(metric), "\(metric.definition.fullName)")
        }
    }

    @Test("every name that looks like our metric is one")
    func names() {
        var known: Set<String> = []
        for definition in Catalogue.all {
            known.insert(definition.fullName)
            if case .histogram = definition.kind {
                for part in ["_bucket", "_sum", "_count"] {
                    known.insert(definition.fullName + part)
                }
            }
        }
        for artefact in Artefact.all {
            let text = artefact.text.replacing("turnkeeper-", with: "")
            for match in text.matches(of: /\b(?:turnkeeper|process)_[a-z_]+/) {
                #expect(known.contains(String(match.output)), "\(artefact.path): \(match.output)")
            }
        }
    }

    @Test("a query uses only labels that its metrics have, with possible values")
    func labels() {
        for (place, query) in Self.queries {
            let scraped: Set = ["job", "instance", "le"]
            let known = query.metrics.reduce(scraped) { $0.union($1.definition.labels) }
            let text = query.text(.plain(window: "1m", range: "1m"))
            for match in text.matches(of: /(?:by|on) \(([a-z, ]*)\)/) {
                for label in match.output.1.split(separator: ", ") {
                    #expect(known.contains(String(label)), "\(place): \(label)")
                }
            }
            for case .series(let metric, let part, let matchers) in query.pieces {
                let definition = metric.definition
                if case .histogram = definition.kind {
                    #expect(part != .all, "\(place)")
                } else {
                    #expect(part == .all, "\(place)")
                }
                for match in matchers.matches(of: /([a-z]+)[=!]~?"([^"]*)"/) {
                    let index = definition.labels.firstIndex(of: String(match.output.1))
                    guard let index else {
                        Issue.record("\(place): \(match.output.1)")
                        continue
                    }
                    let values = definition.values[index]
                    for value in match.output.2.split(separator: "|") where !values.isEmpty {
                        #expect(values.contains(String(value)), "\(place): \(value)")
                    }
                }
            }
        }
    }

    @Test("a legend uses only labels that its query keeps")
    func legends() throws {
        for board in Board.all {
            for panel in board.panels {
                for target in panel.targets {
                    let text = target.query.text(.plain(window: "1m", range: "1m"))
                    for match in target.legend.matches(of: /\{\{([a-z]+)\}\}/) {
                        let label = String(match.output.1)
                        let grouped = try Regex("by \\([a-z, ]*\\b\(label)\\b")
                        let isLeft =
                            text.contains(grouped)
                            || !text.contains("by (") && !text.contains("sum(")
                        #expect(isLeft, "\(board.name): \(panel.title): \(label)")
                    }
                }
            }
        }
    }
}

@Suite("Grafana's model")
struct GrafanaTests {
    private func dashboards() throws -> [[String: Any]] {
        try Board.all.map { board in
            let text = Grafana.dashboard(board).text()
            let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
            return try #require(object as? [String: Any])
        }
    }

    @Test("dashboards are JSON with a title, an identity and the variables that queries use")
    func frames() throws {
        var identities: Set<String> = []
        for dashboard in try dashboards() {
            let uid = try #require(dashboard["uid"] as? String)
            #expect(identities.insert(uid).inserted)
            #expect(uid.utf8.count <= 40)
            #expect(dashboard["schemaVersion"] as? Int == 39)
            #expect(dashboard["id"] == nil)
            let templating = try #require(dashboard["templating"] as? [String: Any])
            let list = try #require(templating["list"] as? [[String: Any]])
            #expect(
                list.compactMap { $0["name"] as? String }
                    == ["datasource", "job", "instance", "tenant", "model"])
        }
    }

    @Test("panels are in the grid, without overlap, each with a unique id and a description")
    func grid() throws {
        for dashboard in try dashboards() {
            let panels = try #require(dashboard["panels"] as? [[String: Any]])
            var ids: Set<Int> = []
            var taken: Set<[Int]> = []
            for panel in panels {
                let title = panel["title"] as? String ?? ""
                #expect(ids.insert(panel["id"] as? Int ?? 0).inserted)
                let place = try #require(panel["gridPos"] as? [String: Int])
                let (x, y) = (place["x"] ?? -1, place["y"] ?? -1)
                let (w, h) = (place["w"] ?? 0, place["h"] ?? 0)
                #expect(x >= 0 && w > 0 && h > 0 && x + w <= 24, "\(title)")
                for column in x..<x + w {
                    for row in y..<y + h {
                        #expect(taken.insert([column, row]).inserted, "\(title)")
                    }
                }
                guard panel["type"] as? String != "row" else { continue }
                #expect((panel["description"] as? String ?? "").count > 5, "\(title)")
                let targets = try #require(panel["targets"] as? [[String: Any]])
                #expect(!targets.isEmpty, "\(title)")
                for target in targets {
                    let source = target["datasource"] as? [String: String]
                    #expect(source?["uid"] == "${datasource}", "\(title)")
                    let expression = target["expr"] as? String ?? ""
                    #expect(expression.contains(#"job=~"$job""#), "\(title)")
                }
            }
        }
    }
}
