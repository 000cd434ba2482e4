public import Basics
import Sharing
import Wire

/// A process of a service of several nodes, as it last described itself. While one replaces
/// another, one node has two.
public struct NodeReport: Equatable, Sendable {
    public var node: String
    public var state: NodeState
    public var started: WallTime
    /// The time since it was last heard from, by the database's clock.
    public var silent: Interval

    /// It no longer holds any places, though it may still serve: it is dead, or cut off.
    public var isSilent: Bool { silent > PlaceRounds.absence }

    /// The address of its page; nil if none answers. Anyone who can write the database could write
    /// anything there, so only such an address is accepted.
    var page: String? {
        guard !isSilent,
            let scheme = ["http://", "https://"].first(where: state.admin.hasPrefix),
            case let place = state.admin.utf8.dropFirst(scheme.utf8.count), !place.isEmpty,
            place.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                    UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                    true
                default: false
                }
            })
        else { return nil }
        return state.admin
    }

    /// `serving`, `draining` or `silent`.
    public var condition: String {
        isSilent ? "silent" : state.isDraining ? "draining" : "serving"
    }
}

extension LedgerReader {
    /// All nodes with this PostgreSQL, by name. Processes that ended are not included; those that
    /// died are, for an hour.
    public func nodes() throws(LedgerError) -> [NodeReport] {
        guard dialect == .postgres else {
            throw LedgerError("listing nodes", "they share a PostgreSQL; this is a file")
        }
        var found: [NodeReport] = []
        try database.query(
            """
            SELECT node, version, policies, admin, sessions, is_draining,
                (extract(epoch FROM started) * 1000000)::bigint,
                (extract(epoch FROM now() - seen) * 1000)::bigint
                FROM processes ORDER BY node, started
            """
        ) { row in
            found.append(
                NodeReport(
                    node: row.text(0),
                    state: NodeState(
                        version: row.text(1), policies: row.text(2), admin: row.text(3),
                        sessions: Int(row.integer(4)), isDraining: row.integer(5) != 0),
                    started: WallTime(microseconds: row.integer(6)),
                    silent: .milliseconds(max(0, row.integer(7)))))
        }
        return found
    }
}

extension ReportText {
    /// One line per process, and the differences between those that serve.
    public static func nodes(_ nodes: [NodeReport]) -> [String] {
        guard !nodes.isEmpty else { return ["no nodes"] }
        let header = ["NODE", "STATE", "VERSION", "POLICIES", "ADMIN", "SINCE", "SESSIONS"]
        let rows = nodes.map { node in
            [
                node.node,
                node.isSilent ? "silent for \(node.silent.seconds) s" : node.condition,
                node.state.version, node.state.policies.isEmpty ? "-" : node.state.policies,
                node.state.admin.isEmpty ? "-" : node.state.admin, node.started.description,
                String(node.state.sessions),
            ].map(plain)
        }
        return table(header, rows, numbersFrom: 6) + differences(nodes)
    }

    private static func differences(_ nodes: [NodeReport]) -> [String] {
        let serving = nodes.filter { $0.condition == "serving" }
        let twins = Dictionary(grouping: serving, by: \.node).filter { $0.value.count > 1 }
        let complaints = twins.keys.sorted().map { name in
            "\(twins[name]?.count ?? 0) processes that serve are called \(plain(name)): give each node a "
                + "name of its own (--node)"
        }
        return complaints
            + [("policies", \NodeState.policies), ("versions", \NodeState.version)].compactMap {
                (what, path) in
                let groups = Dictionary(grouping: serving) { $0.state[keyPath: path] }
                guard groups.count > 1 else { return nil }
                let names = groups.sorted { $0.key < $1.key }.map { value, nodes in
                    "\(plain(value)) on \(nodes.map { plain($0.node) }.joined(separator: ", "))"
                }
                return "\(what) differ: \(names.joined(separator: "; "))"
            }
    }
}

extension ReportJSON {
    public static func nodes(_ nodes: [NodeReport]) -> [UInt8] {
        var json = JSONOutput()
        json.array { json in
            for node in nodes {
                json.object { json in
                    json.string("node", node.node)
                    json.string("state", node.condition)
                    json.string("version", node.state.version)
                    json.string("policies", node.state.policies)
                    json.string("admin", node.state.admin)
                    json.string("started", node.started.description)
                    json.integer("sessions", Int64(node.state.sessions))
                    json.seconds("silent_s", node.silent)
                }
            }
        }
        return json.bytes
    }
}
