import Metrics

/// A board in Grafana's dashboard model, schema version 39 (Grafana 10.3 and later, which migrate
/// it to their own).
enum Grafana {
    private static let columns = 24
    private static let source: JSON = ["type": "prometheus", "uid": "${datasource}"]

    static func dashboard(_ board: Board) -> JSON {
        [
            "annotations": ["list": [annotations, restarts]],
            "description": .string(board.description),
            "editable": true,
            "fiscalYearStartMonth": 0,
            "graphTooltip": 1,
            "links": [links],
            "panels": .list(panels(board)),
            "refresh": "30s",
            "schemaVersion": 39,
            "tags": ["turnkeeper"],
            "templating": ["list": .list(variables)],
            "time": ["from": "now-6h", "to": "now"],
            "timepicker": [:],
            "timezone": "browser",
            "title": .string(board.title),
            "uid": .string("turnkeeper-\(board.name)"),
            "version": 1,
            "weekStart": "",
        ]
    }

    // MARK: Around the panels

    private static let annotations: JSON = [
        "builtIn": 1,
        "datasource": ["type": "grafana", "uid": "-- Grafana --"],
        "enable": true,
        "hide": true,
        "iconColor": "rgba(0, 211, 255, 1)",
        "name": "Annotations & Alerts",
        "type": "dashboard",
    ]

    /// Most graphs jump where a node restarted.
    private static let restarts: JSON = [
        "datasource": source,
        "enable": true,
        "expr": .string(
            ("changes(\(.processStart)[\(.window)]) > 0" as Query).text(.grafana)),
        "iconColor": "orange",
        "name": "Restarts",
        "step": "60s",
        "titleFormat": "{{instance}} restarted",
    ]

    private static let links: JSON = [
        "asDropdown": false,
        "icon": "external link",
        "includeVars": true,
        "keepTime": true,
        "tags": ["turnkeeper"],
        "targetBlank": false,
        "title": "Turnkeeper",
        "tooltip": "",
        "type": "dashboards",
        "url": "",
    ]

    private static let variables: [JSON] = [
        [
            "current": [:],
            "hide": 0,
            "includeAll": false,
            "label": "Data source",
            "multi": false,
            "name": "datasource",
            "options": [],
            "query": "prometheus",
            "refresh": 1,
            "regex": "",
            "skipUrlSync": false,
            "type": "datasource",
        ],
        variable("job", "Job", .build, ""),
        variable("instance", "Node", .build, #"{job=~"$job"}"#),
        variable("tenant", "Tenant", .sessionsActive, #"{job=~"$job"}"#),
        variable("model", "Model", .sessionsActive, #"{job=~"$job",tenant=~"$tenant"}"#),
    ]

    private static func variable(
        _ name: String, _ label: String, _ metric: Metric, _ matchers: String
    ) -> JSON {
        let query = "label_values(\(metric.definition.fullName)\(matchers), \(name))"
        return [
            "allValue": ".*",
            "current": ["selected": true, "text": ["All"], "value": ["$__all"]],
            "datasource": source,
            "hide": 0,
            "includeAll": true,
            "label": .string(label),
            "multi": true,
            "name": .string(name),
            "options": [],
            "query": ["query": .string(query), "refId": "variable"],
            "refresh": 2,
            "regex": "",
            "skipUrlSync": false,
            "sort": 1,
            "type": "query",
        ]
    }

    // MARK: Panels

    private static func panels(_ board: Board) -> [JSON] {
        var all: [JSON] = []
        var y = 0
        func place(_ x: Int, _ width: Int, _ height: Int) -> JSON {
            ["h": .number(height), "w": .number(width), "x": .number(x), "y": .number(y)]
        }
        for row in board.rows {
            all.append([
                "collapsed": false, "gridPos": place(0, columns, 1),
                "id": .number(all.count + 1), "panels": [], "title": .string(row.title),
                "type": "row",
            ])
            y += 1
            var x = 0
            var height = 0
            for panel in row.panels {
                if x + panel.width > columns {
                    y += height
                    (x, height) = (0, 0)
                }
                let id = all.count + 1
                all.append(self.panel(panel, id, place(x, panel.width, panel.height)))
                x += panel.width
                height = max(height, panel.height)
            }
            y += height
        }
        return all
    }

    private static func panel(_ panel: Panel, _ id: Int, _ place: JSON) -> JSON {
        var members: [(String, JSON)] = [
            ("datasource", source),
            ("description", .string(panel.description)),
            ("fieldConfig", ["defaults": defaults(panel), "overrides": []]),
            ("gridPos", place),
            ("id", .number(id)),
            ("options", options(panel)),
            ("targets", .list(panel.targets.enumerated().map { target($1, $0, panel.kind) })),
            ("title", .string(panel.title)),
        ]
        if panel.kind == .table { members.append(("transformations", tableColumns(panel))) }
        members.append(("type", .string(panel.kind.grafana)))
        return .object(members)
    }

    private static func target(_ target: Panel.Target, _ index: Int, _ kind: Panel.Kind) -> JSON {
        let isTable = kind == .table
        return [
            "datasource": source,
            "editorMode": "code",
            "expr": .string(target.query.text(.grafana)),
            "format": .string(isTable ? "table" : kind == .heatmap ? "heatmap" : "time_series"),
            "instant": .flag(isTable),
            "legendFormat": .string(target.legend),
            "range": .flag(!isTable),
            "refId": .string(reference(index)),
        ]
    }

    private static func reference(_ index: Int) -> String {
        String(UnicodeScalar(UInt8(ascii: "A") + UInt8(index)))
    }

    private static func defaults(_ panel: Panel) -> JSON {
        var members: [(String, JSON)] = [("color", ["mode": "palette-classic"])]
        switch panel.kind {
        case .lines, .stack:
            let isStack = panel.kind == .stack
            members.append(
                (
                    "custom",
                    [
                        "drawStyle": "line", "fillOpacity": .number(isStack ? 40 : 8),
                        "lineInterpolation": "linear", "lineWidth": 1, "showPoints": "never",
                        "spanNulls": false,
                        "stacking": ["group": "A", "mode": .string(isStack ? "normal" : "none")],
                    ]
                ))
            if panel.unit != .seconds { members.append(("min", 0)) }
        case .number, .table, .heatmap: break
        }
        if panel.unit == .share {
            members.append(("max", 1))
            members.append(("min", 0))
        }
        members.append(("unit", .string(panel.unit.rawValue)))
        var seen: Set<String> = []
        return .object(members.filter { seen.insert($0.0).inserted })
    }

    private static func options(_ panel: Panel) -> JSON {
        switch panel.kind {
        case .lines, .stack:
            [
                "legend": [
                    "calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": true,
                ],
                "tooltip": ["mode": "multi", "sort": "desc"],
            ]
        case .number:
            [
                "colorMode": "value", "graphMode": "area", "justifyMode": "auto",
                "orientation": "auto",
                "reduceOptions": ["calcs": ["lastNotNull"], "fields": "", "values": false],
                "textMode": "auto",
            ]
        case .table: ["cellHeight": "sm", "showHeader": true, "sortBy": []]
        case .heatmap:
            [
                "calculate": false,
                "cellGap": 1,
                "color": ["mode": "scheme", "scheme": "Oranges", "steps": 64],
                "legend": ["show": true],
                "tooltip": ["mode": "single", "yHistogram": false],
                "yAxis": ["axisPlacement": "left", "unit": .string(panel.unit.rawValue)],
            ]
        }
    }

    /// Rows of several targets become one table; columns get the targets' names.
    private static func tableColumns(_ panel: Panel) -> JSON {
        let names: [(String, JSON)] = panel.targets.enumerated().map { index, target in
            let column = panel.targets.count > 1 ? "Value #\(reference(index))" : "Value"
            return (column, .string(target.legend))
        }
        return [
            ["id": "merge", "options": [:]],
            [
                "id": "organize",
                "options": [
                    "excludeByName": ["Time": true], "indexByName": [:],
                    "renameByName": .object(names),
                ],
            ],
        ]
    }
}

extension Panel {
    /// Position in Grafana's grid.
    var height: Int { kind == .number ? 4 : 8 }
}

extension Panel.Kind {
    fileprivate var grafana: String {
        switch self {
        case .lines, .stack: "timeseries"
        case .number: "stat"
        case .table: "table"
        case .heatmap: "heatmap"
        }
    }
}
