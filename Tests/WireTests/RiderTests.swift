import Basics
import Testing
import Wire

/// What rides along survives every edit: checked against a second, naive way to make the same edit
/// on a tree.
@Suite("Riders")
struct RiderTests {
    private static let seeds: UInt64 = 150

    /// The same JSON, with unknown fields byte for byte.
    private func expect(
        _ bytes: [UInt8]?, is wanted: JSONDoc?, _ seed: UInt64, _ what: String
    ) {
        let text = bytes.map { String(decoding: $0, as: UTF8.self) }
        #expect(
            text.map { JSONDoc(parsing: $0).text() }
                == wanted.map { JSONDoc(parsing: $0.text()).text() }, "\(what), seed \(seed)")
        guard let text, let wanted = wanted?.text() else { return }
        for match in wanted.matches(of: #/\["r\d+", /#) {
            #expect(text.contains(match.output), "\(what), seed \(seed)")
        }
        for rider in Self.riders(wanted) {
            #expect(text.contains(rider), "\(what), seed \(seed): \(rider)")
        }
    }

    /// `["r1", ...]` as they stand in a text.
    private static func riders(_ text: String) -> [String] {
        text.matches(of: #/\["r\d+", /#).map { match in
            var depth = 0
            var isText = false
            var isEscaped = false
            var rider = ""
            for letter in text[match.range.lowerBound...] {
                rider.append(letter)
                if isText {
                    if isEscaped {
                        isEscaped = false
                    } else if letter == "\\" {
                        isEscaped = true
                    } else if letter == "\"" {
                        isText = false
                    }
                } else if letter == "\"" {
                    isText = true
                } else if "[{".contains(letter) {
                    depth += 1
                } else if "]}".contains(letter) {
                    depth -= 1
                    if depth == 0 { break }
                }
            }
            return rider
        }
    }

    // MARK: gemini's messages

    private func serverMessage(_ writer: inout RiderWriter) -> JSONDoc {
        let audio = writer.object([
            ("mimeType", .raw("\"audio/pcm;rate=24000\"")), ("data", .raw("\"AAAA\"")),
        ])
        let parts: JSONDoc = .list([
            writer.object([("inlineData", audio)]), writer.object([("text", .raw("\"a\""))]),
            writer.object([("text", .raw("\"b\"")), ("thought", .raw("true"))]),
            .object([.init(key: "text", value: .raw("\"c\""))]),
        ])
        let turn = writer.object([("role", .raw("\"model\"")), ("parts", parts)])
        let words = writer.object([("text", .raw("\"w\""))])
        let content = writer.object([
            ("modelTurn", turn), ("interrupted", .raw("true")), ("turnComplete", .raw("true")),
            ("turnCompleteReason", .raw("\"R\"")), ("generationComplete", .raw("true")),
            ("inputTranscription", words), ("outputTranscription", words),
        ])
        let calls: [JSONDoc] = (1...3).map { place in
            writer.object([
                ("id", .raw("\"\(place)\"")), ("name", .raw("\"f\"")), ("args", .raw("{}")),
            ])
        }
        return writer.object([
            ("serverContent", content),
            ("toolCall", writer.object([("functionCalls", .list(calls))])),
            (
                "toolCallCancellation",
                writer.object([("ids", .list([.raw("\"1\""), .raw("\"2\"")]))])
            ),
            (
                "sessionResumptionUpdate",
                writer.object([
                    ("newHandle", .raw("\"h\"")), ("lastConsumedClientMessageIndex", .raw("\"7\"")),
                ])
            ),
            ("usageMetadata", writer.object([("totalTokenCount", .raw("3"))])),
            ("goAway", writer.object([("timeLeft", .raw("\"1s\""))])),
        ])
    }

    @Test("only the named parts of gemini's messages are removed")
    func serverRemoval() {
        let all: [(String, ServerMessage.Content)] = [
            ("modelTurn", .modelTurn), ("interrupted", .interrupted),
            ("turnComplete", .turnComplete), ("generationComplete", .generationComplete),
            ("inputTranscription", .inputTranscription),
            ("outputTranscription", .outputTranscription),
        ]
        let members: [(String, ServerMessage.Members)] = [
            ("serverContent", .serverContent), ("toolCall", .toolCall),
            ("toolCallCancellation", .toolCallCancellation), ("usageMetadata", .usageMetadata),
            ("sessionResumptionUpdate", .sessionResumptionUpdate), ("goAway", .goAway),
        ]
        for seed in 1...Self.seeds {
            var writer = RiderWriter(seed: seed)
            let doc = serverMessage(&writer)
            let chance = writer.random.chance(0.3) ? 1.0 : 0.5
            let content = all.filter { _ in writer.random.chance(chance) }
            let kinds = [ServerMessage.Content.audio, .text, .thought, .otherPart].filter { _ in
                writer.random.chance(0.4)
            }
            let gone = members.filter { _ in writer.random.chance(chance * 0.6) }
            let named = Set(content.map(\.0) + gone.map(\.0))
            let edits: [ServerEdit] = [
                .removeContent(ServerMessage.Content(content.map(\.1) + kinds)),
                .remove(ServerMessage.Members(gone.map(\.1))),
            ]
            let bytes = Array(writer.text(doc).utf8)
            expect(
                ServerMessage.edit(bytes.span, edits),
                is: Naive.pruned(doc, named, ServerMessage.Content(kinds)), seed, "removal")
            let split = ServerMessage.split(
                bytes.span, ServerMessage.Content(content.map(\.1) + kinds))
            let names = Set(content.map(\.0))
            expect(
                split.rest, is: Naive.pruned(doc, names, ServerMessage.Content(kinds)), seed,
                "the rest")
        }
    }

    @Test("handles, indices and ids are replaced, and nothing else")
    func serverReplacement() {
        for seed in 1...Self.seeds {
            var writer = RiderWriter(seed: seed)
            let doc = serverMessage(&writer)
            let calls = (0..<3).map { _ in Naive.edit(&writer.random) }
            let ids = (0..<2).map { _ in Naive.edit(&writer.random) }
            let bytes = Array(writer.text(doc).utf8)
            var wanted = Naive.replaced(doc, ["sessionResumptionUpdate", "newHandle"]) { _ in
                [.raw("\"n\"")]
            }
            wanted = Naive.replaced(
                wanted, ["sessionResumptionUpdate", "lastConsumedClientMessageIndex"]
            ) { _ in [.raw("\"9\"")] }
            wanted = Naive.elements(wanted, ["toolCall", "functionCalls"], calls)
            wanted = Naive.elements(wanted, ["toolCallCancellation", "ids"], ids)
            expect(
                ServerMessage.edit(
                    bytes.span,
                    [.handle("n"), .lastConsumed(9), .calls(calls), .cancelled(ids)]),
                is: Naive.pruned(wanted, [], []), seed, "replacement")
        }
    }

    // MARK: A client's messages

    @Test("results are renamed, dropped and duplicated with all their fields")
    func answers() {
        for seed in 1...Self.seeds {
            var writer = RiderWriter(seed: seed)
            let results: [JSONDoc] = (1...3).map { place in
                let picture = writer.object([
                    ("inlineData", writer.object([("data", .raw("\"AAAA\""))]))
                ])
                let id: [(String, JSONDoc)] =
                    writer.random.chance(0.8) ? [("id", .raw("\"\(place)\""))] : []
                return writer.object(
                    id + [
                        ("name", .raw("\"f\"")), ("response", writer.object([])),
                        ("parts", .list([picture])), ("scheduling", .raw("\"SILENT\"")),
                        ("willContinue", .raw("true")),
                    ])
            }
            let doc = writer.object([
                ("toolResponse", writer.object([("functionResponses", .list(results))]))
            ])
            let edits = (0..<3).map { _ in Naive.edit(&writer.random) }
            let bytes = Array(writer.text(doc).utf8)
            let wanted = Naive.elements(doc, ["toolResponse", "functionResponses"], edits)
            expect(
                ClientMessage.edit(bytes.span, [.answers(edits)]),
                is: Naive.pruned(wanted, [], []), seed, "results")
        }
    }

    @Test("split input keeps each part and each other field exactly once")
    func split() {
        let kinds = ["activityStart", "audio", "video", "text", "audioStreamEnd", "activityEnd"]
        for seed in 1...Self.seeds {
            var writer = RiderWriter(seed: seed)
            var parts: [(String, JSONDoc)] = kinds.filter { _ in writer.random.chance(0.5) }.map {
                ($0, $0 == "text" ? .raw("\"t\"") : writer.object([]))
            }
            parts.shuffle(using: &writer.random)
            let doc = writer.object([("realtimeInput", writer.object(parts))])
            let bytes = Array(writer.text(doc).utf8)
            let isFlush = writer.random.chance(0.5)
            let messages = ClientMessage.split(bytes.span, endsFirst: isFlush).map {
                JSONDoc(parsing: String(decoding: $0, as: UTF8.self))
            }
            #expect(messages.count == max(1, parts.count), "seed \(seed)")
            let outside = messages.flatMap { $0.members.filter { $0.name != "realtimeInput" } }
            let inside = messages.flatMap { $0["realtimeInput"]?.members ?? [] }
            func sorted(_ members: [JSONDoc.Member]) -> [String] {
                members.map { JSONDoc.object([$0]).text() }.sorted()
            }
            let whole = JSONDoc(parsing: String(decoding: bytes, as: UTF8.self))
            #expect(
                sorted(outside) == sorted(whole.members.filter { $0.name != "realtimeInput" }),
                "seed \(seed)")
            #expect(
                sorted(inside) == sorted(whole["realtimeInput"]?.members ?? []), "seed \(seed)")
            for message in messages.dropFirst() {
                #expect(message.members.count == 1, "riders go first, seed \(seed)")
                #expect(message["realtimeInput"]?.members.count == 1, "seed \(seed)")
            }
        }
    }

    @Test("words become real-time input, and their other fields stay")
    func words() throws {
        for seed in 1...Self.seeds {
            var writer = RiderWriter(seed: seed)
            let part = writer.object([("text", .raw("\"a\""))])
            let turn = writer.object([("role", .raw("\"user\"")), ("parts", .list([part]))])
            let content = writer.object([
                ("turns", .list([turn])), ("turnComplete", .raw("true")),
            ])
            let doc = writer.object([("clientContent", content)])
            let bytes = Array(writer.text(doc).utf8)
            let converted = ClientMessage.realtimeText(bytes.span)
            let text = try #require(converted, "seed \(seed)")
            let found = JSONDoc(parsing: String(decoding: text.bytes, as: UTF8.self))
            #expect(found["realtimeInput"]?.text() == #"{"text":"a"}"#, "seed \(seed)")
            #expect(found.members.count == doc.members.count, "seed \(seed)")
            let riders = [part, turn, content].flatMap(\.members).filter {
                $0.name.hasPrefix("x")
            }
            #expect(text.dropped.count == riders.count, "seed \(seed)")
            for rider in Self.riders(doc.text()) where !Self.riders(content.text()).contains(rider)
            {
                #expect(String(decoding: text.bytes, as: UTF8.self).contains(rider))
            }
        }
    }

    @Test("only the intended fields of a setup change")
    func setup() throws {
        for seed in 1...Self.seeds {
            var writer = RiderWriter(seed: seed)
            let config = writer.object([("topK", .raw("1")), ("temperature", .raw("2"))])
            let setup = writer.object([
                ("model", .raw("\"m\"")), ("generationConfig", config),
                ("sessionResumption", writer.object([("handle", .raw("null"))])),
                ("tools", .list([writer.object([])])),
            ])
            let doc = writer.object([("setup", setup)])
            let bytes = Array(writer.text(doc).utf8)
            let edited = try Setup.edit(
                bytes.span,
                [
                    .setModel("n"), .setHandle("h"), .remove("generationConfig.topK"),
                    .set("generationConfig.temperature", Array("3".utf8)),
                ])
            var wanted = Naive.replaced(doc, ["setup", "model"]) { _ in [.raw("\"n\"")] }
            wanted = Naive.replaced(wanted, ["setup", "sessionResumption", "handle"]) { _ in
                [.raw("\"h\"")]
            }
            wanted = Naive.replaced(wanted, ["setup", "generationConfig", "temperature"]) { _ in
                [.raw("3")]
            }
            wanted = Naive.replaced(wanted, ["setup", "generationConfig", "topK"]) { _ in [] }
            expect(edited.bytes, is: wanted, seed, "setup")
        }
    }
}

/// The same edits on a tree.
private enum Naive {
    static func edit(_ random: inout SeededRandom) -> ElementEdit {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: .keep
        case 1: .drop
        case 2: .ids(["8"])
        default: .ids(["8", "9"])
        }
    }

    /// The values at a path with others in their place: none, one or several where it is a list's.
    static func replaced(
        _ doc: JSONDoc, _ path: [String], _ body: (JSONDoc) -> [JSONDoc]
    ) -> JSONDoc {
        guard let name = path.first else { return body(doc)[0] }
        return .object(
            doc.members.flatMap { member -> [JSONDoc.Member] in
                guard member.name == name else { return [member] }
                let values =
                    path.count == 1
                    ? body(member.value)
                    : [replaced(member.value, Array(path.dropFirst()), body)]
                return values.map { JSONDoc.Member(key: member.key, value: $0) }
            })
    }

    static func elements(_ doc: JSONDoc, _ path: [String], _ edits: [ElementEdit]) -> JSONDoc {
        replaced(doc, path) { list in
            guard case .list(let elements) = list else { return [list] }
            let all = zip(elements, edits).flatMap { element, edit -> [JSONDoc] in
                switch edit {
                case .keep: return [element]
                case .drop: return []
                case .ids(let ids): return ids.map { renamed(element, $0) }
                }
            }
            // What is emptied here is taken away by `pruned`.
            return [all.isEmpty ? .raw("EMPTIED") : .list(all)]
        }
    }

    private static func renamed(_ element: JSONDoc, _ id: String) -> JSONDoc {
        guard case .object(var members) = element else { return .raw("\"\(id)\"") }
        if element["id"] == nil {
            members.insert(JSONDoc.Member(key: "id", value: .raw("\"\(id)\"")), at: 0)
            return .object(members)
        }
        return replaced(element, ["id"]) { _ in [.raw("\"\(id)\"")] }
    }

    /// Without the members of these names, at the top or in `serverContent`, and parts of these
    /// kinds; nil where nothing is left.
    static func pruned(
        _ doc: JSONDoc, _ named: Set<String>, _ kinds: ServerMessage.Content
    ) -> JSONDoc? {
        shrunk(doc) { member in
            if named.contains(member.name) { return nil }
            guard member.name == "serverContent" else { return shrunk(member.value) { $0.value } }
            return shrunk(member.value) { member in
                let name = member.name == "turnCompleteReason" ? "turnComplete" : member.name
                if named.contains(name) { return nil }
                guard member.name == "modelTurn" else { return member.value }
                return turn(member.value, kinds)
            }
        }
    }

    private static func shrunk(
        _ doc: JSONDoc, _ body: (JSONDoc.Member) -> JSONDoc?
    ) -> JSONDoc? {
        if case .raw("EMPTIED") = doc { return nil }
        guard case .object(let members) = doc else { return doc }
        let left = members.compactMap { member -> JSONDoc.Member? in
            if case .raw("EMPTIED") = member.value { return nil }
            return body(member).map { JSONDoc.Member(key: member.key, value: $0) }
        }
        return left.isEmpty && !members.isEmpty ? nil : .object(left)
    }

    private static func turn(_ doc: JSONDoc, _ kinds: ServerMessage.Content) -> JSONDoc? {
        var isTouched = false
        let left = shrunk(doc) { member in
            guard member.name == "parts", case .list(let parts) = member.value else {
                return member.value
            }
            let kept = parts.compactMap { part($0, kinds) }
            if kept.isEmpty { isTouched = true }
            return kept.isEmpty ? nil : .list(kept)
        }
        guard let left else { return nil }
        return isTouched && left.members.allSatisfy { $0.name == "role" } ? nil : left
    }

    private static func part(_ doc: JSONDoc, _ kinds: ServerMessage.Content) -> JSONDoc? {
        func kind(_ member: JSONDoc.Member) -> ServerMessage.Content? {
            switch member.name {
            case "inlineData": .audio
            case "text": doc["thought"] == nil ? .text : .thought
            case "thought": nil
            default: .otherPart
            }
        }
        let all = doc.members.compactMap { member -> ServerMessage.Content? in
            // A null is absent.
            member.value.text() == "null" ? nil : kind(member)
        }
        if kinds.isSuperset(of: ServerMessage.Content(all)) { return nil }
        return .object(
            doc.members.filter { member in kind(member).map { !kinds.contains($0) } ?? true })
    }
}
