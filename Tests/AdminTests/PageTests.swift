import Foundation
import Ledger
import Testing

/// The inspector's page as a file: what it may load, what it may do, and that it is all there.
@Suite("The inspector's page", .serialized)
struct PageTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().appending(path: "../../Sources/CInspector/page").standardized

    private static var names: [String] {
        let found = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (found ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
    }

    @Test("every file of the folder is served, byte for byte", arguments: names)
    func served(name: String) throws {
        let answer = try InspectedLedger().get("/ui/\(name)")
        #expect(answer.status == 200)
        #expect(answer.text == (try text(name)), "rebuild: the program has an older \(name)")
        let type = answer.headers["content-type"] ?? ""
        #expect(type.hasPrefix("text/") && type.hasSuffix("charset=utf-8"))
    }

    @Test("the page may run its own scripts, and nothing else")
    func headers() throws {
        let books = try InspectedLedger()
        for target in ["/ui", "/ui/main.js", "/ui/nothing.js"] {
            let headers = try books.get(target).headers
            let policy = headers["content-security-policy"] ?? ""
            #expect(policy.contains("default-src 'none'"))
            #expect(policy.contains("script-src 'self'"))
            #expect(policy.contains("frame-ancestors 'none'"))
            #expect(policy.contains("require-trusted-types-for 'script'"))
            #expect(!policy.contains("unsafe"))
            #expect(headers["x-frame-options"] == "DENY")
            #expect(headers["x-content-type-options"] == "nosniff")
            #expect(headers["referrer-policy"] == "no-referrer")
        }
    }

    @Test("opening the port shows the page, with and without a slash")
    func finding() throws {
        let books = try InspectedLedger()
        let root = try books.get("/")
        #expect(root.status == 302)
        #expect(root.headers["location"] == "ui")
        #expect(try books.get("/ui/").headers["location"] == "../ui")
        #expect(try books.get("/ui").text.contains("<title>Turnkeeper</title>"))
        #expect(try books.get("/ui/../page.c").status == 404)
    }

    @Test("everything that the page refers to exists, and nothing comes from elsewhere")
    func selfContained() throws {
        let page = try text("index.html")
        for match in page.matches(of: /(?:src|href)="ui\/([\w.]+)"/) {
            #expect(Self.names.contains(String(match.output.1)))
        }
        for name in Self.names {
            let text = try text(name)
            for match in text.matches(of: /from "\.\/([\w.]+)"/) {
                let other = String(match.output.1)
                // The program's own dictionary, which is no file.
                #expect(Self.names.contains(other) || other == "dictionary.js", "\(name)")
            }
            let addresses = text.matches(of: /https?:\/\/[\w.\/]+/).map { String($0.output) }
            // SVG's namespace, which is never fetched.
            #expect(addresses.allSatisfy { $0 == "http://www.w3.org/2000/svg" }, "\(name)")
        }
    }

    @Test("the dictionary is a script of the page, and every sign of it can be drawn")
    func dictionary() throws {
        let answer = try InspectedLedger(token: "0123456789abcdef").get("/ui/dictionary.js")
        #expect(answer.status == 200)
        #expect(answer.headers["content-type"] == "text/javascript; charset=utf-8")
        for word in TimelineWord.allCases {
            #expect(answer.text.contains("\"\(word.rawValue)\": {"))
        }
        let timeline = try text("timeline.js")
        for glyph in TimelineEntryForm.Glyph.allCases where glyph != .none && glyph != .tick {
            #expect(timeline.contains("  \(glyph.rawValue): \"M"), "\(glyph)")
        }
    }

    @Test(
        "no file of the page knows a fact by name", arguments: names.filter { $0.hasSuffix(".js") })
    func namelessly(name: String) throws {
        let text = try text(name)
        // `closed` and the like are also words of outcomes; those with an underscore are facts.
        for word in TimelineWord.allCases.map(\.rawValue)
        where word.contains("_") && word != "first_audio" {
            #expect(!text.contains("\"\(word)\""), "\(name): \(word)")
        }
    }

    @Test("texts never become markup or code", arguments: names.filter { $0.hasSuffix(".js") })
    func onlyText(name: String) throws {
        let text = try text(name)
        for word in [
            "innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "new Function",
            "DOMParser", "createContextualFragment", "srcdoc", "javascript:", "setTimeout(\"",
        ] {
            #expect(!text.contains(word), "\(name): \(word)")
        }
        if name != "dom.js" {
            #expect(!text.contains("createElement"), "\(name): elements are made by dom.js")
        }
    }

    @Test("no file is longer than people read")
    func length() throws {
        for name in Self.names {
            #expect(try text(name).split(separator: "\n").count <= 450, "\(name)")
        }
    }
}
