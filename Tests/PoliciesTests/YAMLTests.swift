import Basics
import Policies
import Testing
import YAML

@Suite("YAML")
struct YAMLTests {
    /// A tree on one line, each value with its place.
    private func draw(_ tree: Tree) -> String {
        switch tree {
        case .null(let place): "null@\(place.line):\(place.column)"
        case .scalar(let text, let place, let quoted):
            "\(quoted ? "'\(text)'" : text)@\(place.line):\(place.column)"
        case .sequence(let items, let place):
            "[\(items.map(draw).joined(separator: " "))]@\(place.line):\(place.column)"
        case .mapping(let entries, let place):
            "{\(entries.map { "\($0.key)@\($0.keyPlace.line):\($0.keyPlace.column)=\(draw($0.value))" }.joined(separator: " "))}@\(place.line):\(place.column)"
        }
    }

    @Test(
        "places of keys and values are those an editor shows",
        arguments: [
            ("a: 1", "{a@1:1=1@1:4}@1:1"),
            ("\na:\n  b: [x, 'y']\n", "{a@2:1={b@3:3=[x@3:7 'y'@3:10]@3:6}@3:3}@2:1"),
            ("a: ~\nb:\nc: \"\"", "{a@1:1=null@1:4 b@2:1=null@2:3 c@3:1=''@3:4}@1:1"),
            ("- é: ü", "[{é@1:3=ü@1:6}@1:3]@1:1"),
            ("a: |\n  two\n  lines\n", "{a@1:1='two\nlines\n'@1:4}@1:1"),
            ("\"a b\": 'null'", "{a b@1:1='null'@1:8}@1:1"),
            ("{a: {b: {}}, c: []}", "{a@1:2={b@1:6={}@1:9}@1:5 c@1:14=[]@1:17}@1:1"),
            ("", "null@1:1"), ("# only a comment\n", "null@1:1"),
            ("a: \"x\\0y\\u00e9\"", "{a@1:1='x\0yé'@1:4}@1:1"),
            ("%YAML 1.1\n---\na: 1\n...\n", "{a@3:1=1@3:4}@3:1"),
            ("\u{FEFF}a: 1", "{a@1:1=1@1:4}@1:1"),
            ("a: 1\r\nb: 2\r\n", "{a@1:1=1@1:4 b@2:1=2@2:4}@1:1"),
        ])
    func places(text: String, drawn: String) throws {
        #expect(draw(try tree(text).get()) == drawn)
    }

    @Test("ten thousand levels, a billion laughs and a megabyte end at their limits")
    func bounds() {
        let deep = String(repeating: "[", count: 10_000)
        #expect(complaints(tree(deep)) == ["x.yaml:1:33: error: nested deeper than 32 levels"])
        let nested = (0..<100).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
        #expect(complaints(tree(nested)).count == 1)
        let laughs = "a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"
        #expect(complaints(tree(laughs)).count == 7)
        let large = [UInt8](repeating: UInt8(ascii: "#"), count: TreeReader.maxBytes + 1)
        #expect(complaints(tree(large)) == ["x.yaml:1:1: error: the file is larger than 1024KiB"])
        #expect(complaints(tree([UInt8](large.dropLast()))) == [])
    }

    @Test("bytes that are not UTF-8 are reported with their position")
    func invalidUTF8() {
        let bytes = Array("a: 1\nbé: ".utf8) + [0xFF]
        #expect(
            complaints(tree(bytes)) == [
                "x.yaml:2:5: error: invalid leading UTF-8 octet; save the file as UTF-8"
            ])
        #expect(complaints(tree([0xFF, 0xFE, 0x61, 0x00])).count == 1)
        #expect(complaints(tree([0])) == ["x.yaml:1:1: error: control characters are not allowed"])
    }

    @Test("any bytes are read or reported, with a position inside the file")
    func fuzz() throws {
        // `make fuzz` looks for more.
        var random = SeededRandom(seed: 4000)
        let words = [
            "turns:", "dead_air", ": ", "- ", "\n", "  ", "[", "]", "{", "}", ",", "1.2s", "&a",
            "*a",
            "!!str ", "\"", "'", "|", ">", "#", "---", "...", "<<: ", "? ", "%", "\t", "é", "😀",
            "\\x", "~", "match", "keys", "env:A", "inherits: ", "rules:", "models:", "families:",
        ]
        let files = ["default.yaml", "acme.yaml", "models.yaml"]
        let seeds = [
            Array(Documents.defaultPolicy.utf8), Array(Documents.models.utf8),
            Array("inherits: default\nmatch: { keys: [env:A] }\nmodels: { breaker: off }\n".utf8),
        ]
        for _ in 0..<4000 {
            var bytes: [UInt8] = []
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                for _ in 0..<Int.random(in: 0..<40, using: &random) {
                    bytes += Array(words.randomElement(using: &random)!.utf8)
                }
            case 1:
                for _ in 0..<Int.random(in: 0..<60, using: &random) {
                    bytes.append(UInt8.random(in: 0...255, using: &random))
                }
            default:
                bytes = seeds.randomElement(using: &random)!
                let start = Int.random(in: 0..<bytes.count, using: &random)
                bytes = Array(bytes[start...].prefix(600))
                for _ in 0..<Int.random(in: 1..<6, using: &random) where !bytes.isEmpty {
                    let index = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                    case 1: bytes.remove(at: index)
                    default:
                        bytes.insert(
                            contentsOf: words.randomElement(using: &random)!.utf8, at: index)
                    }
                }
            }
            let file = files.randomElement(using: &random)!
            let content = tree(bytes, file: file)
            let lines = bytes.count + 1
            if case .failure(let wrong) = content {
                #expect(!wrong.list.isEmpty)
                for item in wrong.list {
                    #expect((1...lines).contains(item.place.line) && item.place.column >= 1)
                }
            }
            do throws(Complaints) {
                _ = try PolicyReader.read([PolicyFile(path: file, content: content)])
            } catch {
                #expect(!error.list.isEmpty)
                #expect(error.list.allSatisfy { $0.place.file == file && $0.place.line >= 1 })
            }
        }
    }
}
