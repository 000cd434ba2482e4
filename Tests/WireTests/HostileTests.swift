import Basics
import Foundation
import Testing
import Wire

private func blame(_ text: String) -> Malformed? { blame(Array(text.utf8)) }

/// Both scanners must blame alike: the grammar is the same.
private func blame(_ bytes: [UInt8]) -> Malformed? {
    var reasons: [Malformed?] = []
    switch scanClient(bytes) {
    case .success: reasons.append(nil)
    case .failure(let malformed): reasons.append(malformed)
    }
    switch scanServer(bytes) {
    case .success: reasons.append(nil)
    case .failure(let malformed): reasons.append(malformed)
    }
    #expect(reasons[0] == reasons[1], "\(String(decoding: bytes, as: UTF8.self))")
    return reasons[0]
}

@Suite("Hostile bytes")
struct HostileTests {
    @Test("a sample that is cut is reported as cut, at that place")
    func truncated() {
        for (name, sample) in Fixtures.samples {
            let bytes = Array(sample[...(sample.lastIndex(of: UInt8(ascii: "}")) ?? 0)])
            for length in 0..<bytes.count {
                let malformed = blame(Array(bytes[..<length]))
                #expect(
                    malformed == Malformed(length == 0 ? .empty : .truncated, at: length),
                    "\(name) cut at \(length)")
            }
            #expect(blame(bytes) == nil)
        }
    }

    @Test("anything but white space after a message is an error")
    func trailing() {
        for (name, sample) in Fixtures.samples {
            let end = sample.count
            for extra in ["{}", "x", ",", "}", "\u{0}", "]", "\"", " 1", "\n{}"] {
                let blanks = extra.prefix { $0 == " " || $0 == "\n" }.count
                #expect(
                    blame(sample + Array(extra.utf8))
                        == Malformed(.trailingBytes, at: end + blanks), "\(name)")
            }
            #expect(blame(sample + Array(" \r\n\t".utf8)) == nil)
        }
    }

    @Test("a changed byte never makes a scanner trap")
    func mutated() {
        var random = SeededRandom(seed: 7)
        for sample in Fixtures.samples.sorted(by: { $0.key < $1.key }).map(\.value) {
            for _ in 0..<200 {
                var bytes = sample
                for _ in 0...Int.random(in: 0..<3, using: &random) {
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    bytes[place] = UInt8.random(in: 0...255, using: &random)
                }
                let malformed = blame(bytes)
                #expect(malformed.map { $0.offset <= bytes.count } ?? true)
            }
        }
    }

    @Test(
        "broken JSON is blamed with a reason and a place",
        arguments: [
            ("", .empty, 0), (" \n", .empty, 2), ("[]", .notAnObject, 0),
            ("null", .notAnObject, 0), (" 1", .notAnObject, 1), ("\"\"", .notAnObject, 0),
            ("\u{FEFF}{}", .notAnObject, 0),
            ("{", .truncated, 1), ("{\"a", .truncated, 3), ("{\"a\"", .truncated, 4),
            ("{\"a\":", .truncated, 5), ("{\"a\":tr", .truncated, 7), ("{\"a\":-", .truncated, 6),
            ("{\"a\":1.", .truncated, 7), ("{\"a\":1e", .truncated, 7),
            ("{\"a\":\"\\", .truncated, 7), ("{\"a\":\"\\u00", .truncated, 10),
            ("{a:1}", .syntax, 1), ("{\"a\" 1}", .syntax, 5), ("{\"a\":1,}", .syntax, 7),
            ("{,}", .syntax, 1), ("{\"a\":}", .syntax, 5), ("{\"a\":1 \"b\":2}", .syntax, 7),
            ("{\"a\":[1,]}", .syntax, 8), ("{\"a\":[1 2]}", .syntax, 8),
            ("{\"a\":[1}", .syntax, 7), ("{\"a\":{\"b\":1]}", .syntax, 11),
            ("{\"a\":{]}", .syntax, 6), ("{\"a\":[}]}", .syntax, 6), ("{\"a\":[,1]}", .syntax, 6),
            ("{\"a\":trUe}", .syntax, 7), ("{\"a\":nulll}", .syntax, 9),
            ("{\"a\":NaN}", .syntax, 5), ("{\"a\":'b'}", .syntax, 5), ("{\"a\":+1}", .syntax, 5),
            ("{\"a\":01}", .badNumber, 6), ("{\"a\":1.}", .badNumber, 7),
            ("{\"a\":.5}", .syntax, 5), ("{\"a\":1e+}", .badNumber, 8),
            ("{\"a\":-}", .badNumber, 6), ("{\"a\":1.2.3}", .badNumber, 8),
            ("{\"a\":\"\n\"}", .badString, 6), ("{\"a\":\"\u{0}\"}", .badString, 6),
            ("{\"a\":\"\\x\"}", .badString, 7), ("{\"a\":\"\\u12G4\"}", .badString, 10),
            ("{\"a\u{1}\":1}", .badString, 3), ("{//\n}", .syntax, 1), ("{\u{A0}}", .syntax, 1),
            ("{\"realtimeInput\":{\"audio\":{\"data\":\"AAAA\u{7}\"}}}", .badString, 39),
        ] as [(String, Malformed.Reason, Int)])
    func broken(_ text: String, _ reason: Malformed.Reason, _ offset: Int) {
        #expect(blame(text) == Malformed(reason, at: offset), "\(text)")
    }

    @Test(
        "odd but legal JSON is read",
        arguments: [
            "{}", " {\r\n\t} ", "{\"a\":[]}", "{\"a\":{}}", "{\"a\":[[],{},[{}]]}",
            "{\"a\":-0.0e-10,\"b\":1E+2,\"c\":0,\"d\":[true,false,null]}", "{\"\":\"\"}",
            "{\"\\u0000\":\"\\ud800 \\\\ \\/\"}", "{\"a\":\"\u{7f} \u{1F600}\"}",
        ])
    func legal(_ text: String) { #expect(blame(text) == nil, "\(text)") }

    @Test("a hundred nested containers are read, one more is too deep")
    func depth() {
        func nested(_ depth: Int, _ open: String, _ close: String, in member: String) -> String {
            let inner = depth - 1
            return "{\"\(member)\":" + String(repeating: open, count: inner) + "1"
                + String(repeating: close, count: inner) + "}"
        }
        #expect(blame(nested(100, "[", "]", in: "x")) == nil)
        #expect(blame(nested(101, "[", "]", in: "x")) == Malformed(.tooDeep, at: 5 + 99))
        #expect(blame(nested(100, "{\"a\":", "}", in: "x")) == nil)
        #expect(
            blame(nested(101, "{\"a\":", "}", in: "x")) == Malformed(.tooDeep, at: 5 + 99 * 5))
        for member in ["setup", "realtimeInput", "clientContent", "serverContent", "toolCall"] {
            #expect(blame(nested(100, "{\"audio\":", "}", in: member)) == nil)
            #expect(blame(nested(101, "{\"audio\":", "}", in: member))?.reason == .tooDeep)
            #expect(blame(nested(100, "{\"modelTurn\":", "}", in: member)) == nil)
            #expect(blame(nested(101, "{\"modelTurn\":", "}", in: member))?.reason == .tooDeep)
        }
    }

    @Test("a hundred thousand levels cost neither stack nor time")
    func bottomless() {
        for open in ["[", "{\"a\":", "{\"realtimeInput\":", "{\"serverContent\":"] {
            let text = "{\"x\":" + String(repeating: open, count: 100_000)
            #expect(blame(text)?.reason == .tooDeep)
            #expect(blame(String(repeating: open, count: 100_000))?.reason != nil)
        }
    }

    @Test("generated JSON, whole and damaged, is accepted or refused as by Foundation")
    func agreesWithFoundation() throws {
        var random = SeededRandom(seed: 42)
        var accepted = 0
        for _ in 0..<6_000 {
            var text = RandomJSON.object(&random)
            if random.chance(0.6), !text.isEmpty {
                let place = Int.random(in: 0..<text.count, using: &random)
                let byte =
                    Array("{}[]\",:\\ 01e-.tfnu/\u{7f}\u{1}a".utf8)
                    .randomElement(using: &random) ?? 0
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text[place] = byte
                case 1: text.insert(byte, at: place)
                default: text.remove(at: place)
                }
            }
            // Broken UTF-8 is the codec's to refuse, and Foundation reads past a comma before a
            // closing bracket.
            guard String(validating: text, as: UTF8.self) != nil else { continue }
            let found = blame(text)
            if let found, found.reason == .syntax, isAfterComma(text, found.offset) { continue }
            let foundation = try? JSONSerialization.jsonObject(with: Data(text))
            let wanted = foundation is [String: Any]
            #expect((found == nil) == wanted, "\(String(decoding: text, as: UTF8.self))")
            if found == nil { accepted += 1 }
        }
        #expect((1_000..<5_000).contains(accepted))
    }
}

private func isAfterComma(_ text: [UInt8], _ offset: Int) -> Bool {
    guard offset < text.count, "}]".utf8.contains(text[offset]) else { return false }
    return text[..<offset].last { !" \n".utf8.contains($0) } == UInt8(ascii: ",")
}

/// Random objects whose names are often those the scanners look for.
private enum RandomJSON {
    static func object(_ random: inout SeededRandom, depth: Int = 0) -> [UInt8] {
        var text = "{" + blanks(&random)
        let count = Int.random(in: 0..<4, using: &random)
        for place in 0..<count {
            if place > 0 { text += "," + blanks(&random) }
            // Foundation refuses repeated names in no version, but numbers them by chance.
            text += "\"\(name(&random))\(place)\""
            if random.chance(0.5) { text.replace("\(place)\"", with: "\"") }
            text += blanks(&random) + ":" + blanks(&random) + value(&random, depth: depth)
            text += blanks(&random)
        }
        return Array((text + "}").utf8)
    }

    private static func value(_ random: inout SeededRandom, depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 4 ? 5 : 9), using: &random) {
        case 0: ["true", "false", "null"].randomElement(using: &random) ?? ""
        case 1:
            ["0", "-0", "12", "-3.25", "1e5", "2E-3", "40.0"].randomElement(using: &random) ?? ""
        case 2, 3: "\"\(name(&random))\""
        case 4:
            "\""
                + String(
                    repeating: ["A", "é", "\\n", "\\u00e9", "\\/", " "].randomElement(
                        using: &random) ?? "", count: Int.random(in: 0..<90, using: &random))
                + "\""
        case 5, 6:
            "["
                + (0..<Int.random(in: 0..<3, using: &random)).map { _ in
                    value(&random, depth: depth + 1)
                }.joined(separator: ",") + blanks(&random) + "]"
        default: String(decoding: object(&random, depth: depth + 1), as: UTF8.self)
        }
    }

    private static func name(_ random: inout SeededRandom) -> String {
        [
            "setup", "realtimeInput", "realtime_input", "audio", "data", "mimeType", "text",
            "serverContent", "modelTurn", "parts", "inlineData", "thought", "turns", "x", "",
            "usageMetadata", "toolCall", "interrupted", "mediaChunks", "client_content",
        ].randomElement(using: &random) ?? ""
    }

    private static func blanks(_ random: inout SeededRandom) -> String {
        random.chance(0.8)
            ? "" : String(repeating: random.chance(0.5) ? " " : "\n", count: 3)
    }
}
