/// Prometheus' text format, version 0.0.4.
public enum Exposition {
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// All series of the snapshot, in the catalogue's order with sorted label sets, so that two
    /// scrapes differ only in their numbers. A metric without a series is left out.
    public static func text(_ snapshot: Snapshot) -> [UInt8] {
        var writer = Writer()
        var byMetric: [[Snapshot.Entry]] = Array(repeating: [], count: Metric.allCases.count)
        for entry in snapshot.entries { byMetric[entry.metric.rawValue].append(entry) }
        for definition in Catalogue.all {
            let entries = byMetric[definition.metric.rawValue].sorted {
                $0.labels.lexicographicallyPrecedes($1.labels)
            }
            guard !entries.isEmpty else { continue }
            writer.head(definition)
            for entry in entries {
                let cells = Array(snapshot.cells[entry.cells])
                if case .histogram(let bounds, _) = definition.kind {
                    writer.histogram(definition, entry.labels, bounds, cells)
                } else {
                    writer.sample(definition.fullName, definition.labels, entry.labels, cells[0])
                }
            }
        }
        return writer.bytes
    }

    /// As Prometheus reads it: integers without a fraction, `+Inf`, `-Inf`, `NaN`.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), value.magnitude < 0x1p53 { return String(Int64(value)) }
        return value.description
    }

    private struct Writer {
        var bytes: [UInt8] = []

        mutating func head(_ definition: Metric.Definition) {
            let name = definition.fullName
            let kind =
                switch definition.kind {
                case .counter: "counter"
                case .gauge: "gauge"
                case .histogram: "histogram"
                }
            put("# HELP \(name) ")
            escape(definition.help, quotes: false, into: &bytes)
            put("\n# TYPE \(name) \(kind)\n")
        }

        mutating func histogram(
            _ definition: Metric.Definition, _ labels: [String], _ bounds: [Double],
            _ cells: [Double]
        ) {
            let set = set(definition.labels, labels)
            let name = Array(definition.fullName.utf8)
            let bucket = name + "_bucket".utf8
            let separator = set.isEmpty ? "le=\"" : ",le=\""
            var count = 0.0
            for (bound, inBucket) in zip(bounds + [.infinity], cells) {
                count += inBucket
                line(bucket, set + separator.utf8 + number(bound).utf8 + "\"".utf8, count)
            }
            line(name + "_sum".utf8, set, cells[cells.count - 1])
            line(name + "_count".utf8, set, count)
        }

        mutating func sample(
            _ name: String, _ names: [String], _ values: [String], _ value: Double
        ) {
            line(Array(name.utf8), set(names, values), value)
        }

        /// `a="x",b="y"`: built once for the many lines of a histogram.
        private func set(_ names: [String], _ values: [String]) -> [UInt8] {
            var set: [UInt8] = []
            for (name, value) in zip(names, values) {
                if !set.isEmpty { set.append(UInt8(ascii: ",")) }
                set += name.utf8
                set += "=\"".utf8
                escape(value, quotes: true, into: &set)
                set.append(UInt8(ascii: "\""))
            }
            return set
        }

        private mutating func line(_ name: [UInt8], _ set: [UInt8], _ value: Double) {
            bytes += name
            if !set.isEmpty {
                bytes.append(UInt8(ascii: "{"))
                bytes += set
                bytes.append(UInt8(ascii: "}"))
            }
            bytes.append(UInt8(ascii: " "))
            bytes += number(value).utf8
            bytes.append(UInt8(ascii: "\n"))
        }

        /// Escapes backslash and newline everywhere, and the quote in label values only: a help
        /// text would show the backslash.
        private func escape(_ text: String, quotes: Bool, into bytes: inout [UInt8]) {
            for byte in text.utf8 {
                switch byte {
                case UInt8(ascii: "\\"): bytes += "\\\\".utf8
                case UInt8(ascii: "\n"): bytes += "\\n".utf8
                case UInt8(ascii: "\"") where quotes: bytes += "\\\"".utf8
                // Some scrapers end lines at characters other than `\n`, and terminals obey control
                // characters.
                case 0..<0x20, 0x7F: bytes.append(UInt8(ascii: " "))
                default: bytes.append(byte)
                }
            }
        }

        mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }
    }
}
