/// Prometheus' text format, version 0.0.4.
public enum Exposition {
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// All series of the snapshot, in the catalogue's order, label sets sorted, so that two
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

    /// As Prometheus reads it: whole numbers without a fraction, `+Inf`, `-Inf`, `NaN`.
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
            escape(definition.help, quotes: false)
            put("\n# TYPE \(name) \(kind)\n")
        }

        mutating func histogram(
            _ definition: Metric.Definition, _ labels: [String], _ bounds: [Double],
            _ cells: [Double]
        ) {
            let name = definition.fullName
            var count = 0.0
            for (bound, inBucket) in zip(bounds + [.infinity], cells) {
                count += inBucket
                sample(
                    name + "_bucket", definition.labels + ["le"], labels + [number(bound)], count)
            }
            sample(name + "_sum", definition.labels, labels, cells[cells.count - 1])
            sample(name + "_count", definition.labels, labels, count)
        }

        mutating func sample(
            _ name: String, _ names: [String], _ values: [String], _ value: Double
        ) {
            put(name)
            if !names.isEmpty {
                var separator = "{"
                for (label, text) in zip(names, values) {
                    put("\(separator)\(label)=\"")
                    escape(text, quotes: true)
                    put("\"")
                    separator = ","
                }
                put("}")
            }
            put(" \(number(value))\n")
        }

        /// Backslash and newline everywhere, the quote in label values only: a help text with an
        /// escaped quote would show the backslash.
        mutating func escape(_ text: String, quotes: Bool) {
            for byte in text.utf8 {
                switch byte {
                case UInt8(ascii: "\\"): put("\\\\")
                case UInt8(ascii: "\n"): put("\\n")
                case UInt8(ascii: "\"") where quotes: put("\\\"")
                default: bytes.append(byte)
                }
            }
        }

        mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }
    }
}
