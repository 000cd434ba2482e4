/// A strict reader of the text format: every line must be what the specification says, families
/// in one block with HELP and TYPE before their samples, histograms complete and cumulative.
struct ParsedFamily {
    var name: String
    var help: String
    var type: String
    var samples: [(name: String, labels: [(String, String)], value: Double)] = []
}

struct FormatError: Error { var line: String, what: String }

func parseExposition(_ bytes: [UInt8]) throws -> [ParsedFamily] {
    guard let text = String(validating: bytes, as: UTF8.self) else {
        throw FormatError(line: "", what: "not UTF-8")
    }
    guard text.isEmpty || text.hasSuffix("\n") else {
        throw FormatError(line: "", what: "the last line does not end")
    }
    var families: [ParsedFamily] = []
    var seen: Set<String> = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
        let line = String(line)
        if line.hasPrefix("# HELP ") {
            let parts = line.dropFirst(7).split(separator: " ", maxSplits: 1)
            guard parts.count == 2, seen.insert(String(parts[0])).inserted else {
                throw FormatError(line: line, what: "HELP twice or without text")
            }
            families.append(
                ParsedFamily(name: String(parts[0]), help: String(parts[1]), type: ""))
        } else if line.hasPrefix("# TYPE ") {
            let parts = line.dropFirst(7).split(separator: " ")
            guard parts.count == 2, let last = families.indices.last,
                families[last].name == parts[0], families[last].type.isEmpty,
                ["counter", "gauge", "histogram"].contains(String(parts[1]))
            else { throw FormatError(line: line, what: "TYPE out of place") }
            families[last].type = String(parts[1])
        } else {
            let sample = try parseSample(line)
            guard let last = families.indices.last, !families[last].type.isEmpty else {
                throw FormatError(line: line, what: "sample before its TYPE")
            }
            let family = families[last]
            let allowed =
                family.type == "histogram"
                ? ["_bucket", "_sum", "_count"].map { family.name + $0 } : [family.name]
            guard allowed.contains(sample.name) else {
                throw FormatError(line: line, what: "sample of another family")
            }
            families[last].samples.append(sample)
        }
    }
    for family in families { try checkFamily(family) }
    return families
}

private func parseSample(
    _ line: String
) throws -> (name: String, labels: [(String, String)], value: Double) {
    var rest = Substring(line)
    func identifier(_ allowsColon: Bool) throws -> String {
        let name = rest.prefix {
            $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || (allowsColon && $0 == ":"))
        }
        guard let first = name.first, !first.isNumber else {
            throw FormatError(line: line, what: "no name")
        }
        rest = rest.dropFirst(name.count)
        return String(name)
    }
    func expect(_ text: String) throws {
        guard rest.hasPrefix(text) else { throw FormatError(line: line, what: "no \(text)") }
        rest = rest.dropFirst(text.count)
    }
    let name = try identifier(true)
    var labels: [(String, String)] = []
    if rest.first == "{" {
        repeat {
            try expect(labels.isEmpty ? "{" : ",")
            let label = try identifier(false)
            try expect("=\"")
            var value = ""
            while let next = rest.popFirst(), next != "\"" {
                guard next == "\\" else {
                    value.append(next)
                    continue
                }
                switch rest.popFirst() {
                case "n": value.append("\n")
                case "\\": value.append("\\")
                case "\"": value.append("\"")
                default: throw FormatError(line: line, what: "wrong escape")
                }
            }
            labels.append((label, value))
        } while rest.first == ","
        try expect("}")
    }
    try expect(" ")
    let special = ["+Inf": Double.infinity, "-Inf": -.infinity, "NaN": .nan]
    guard let value = special[String(rest)] ?? Double(rest), rest.first != " " else {
        throw FormatError(line: line, what: "no number")
    }
    return (name, labels, value)
}

private func checkFamily(_ family: ParsedFamily) throws {
    var keys: Set<String> = []
    for sample in family.samples {
        let key = sample.name + sample.labels.map { "\($0)=\($1);" }.joined()
        guard keys.insert(key).inserted else { throw FormatError(line: key, what: "twice") }
        guard Set(sample.labels.map(\.0)).count == sample.labels.count else {
            throw FormatError(line: key, what: "a label twice")
        }
    }
    guard family.type == "histogram" else { return }
    var series: [String: (last: Double, bound: Double)] = [:]
    for sample in family.samples {
        let rest = sample.labels.filter { $0.0 != "le" }.map { "\($0)=\($1);" }.joined()
        if sample.name.hasSuffix("_bucket") {
            guard let le = sample.labels.first(where: { $0.0 == "le" })?.1,
                let bound = le == "+Inf" ? .infinity : Double(le)
            else { throw FormatError(line: rest, what: "no le") }
            let before = series[rest] ?? (0, -.infinity)
            guard sample.value >= before.last, bound > before.bound else {
                throw FormatError(line: rest, what: "buckets do not rise")
            }
            series[rest] = (sample.value, bound)
        } else if sample.name.hasSuffix("_count") {
            guard let last = series[rest], last.bound == .infinity, last.last == sample.value
            else { throw FormatError(line: rest, what: "count differs from +Inf") }
        }
    }
}
