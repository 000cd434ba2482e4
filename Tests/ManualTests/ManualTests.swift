import Basics
import Testing

@testable import Manual

@Suite struct ManualTests {
    @Test("every command and every option has one description")
    func complete() {
        #expect(Set(Manual.commands.map(\.name)).count == Manual.commands.count)
        for command in Manual.commands {
            #expect(!command.summary.isEmpty && !command.summary.hasSuffix("."))
            #expect(Set(command.options.map(\.name)).count == command.options.count)
            for option in command.options {
                #expect(option.text.hasSuffix("."), "\(command.name) --\(option.name)")
                #expect(option.name != "help")
            }
        }
    }

    @Test("help lists every command and its options; no line is wider than a terminal")
    func help() {
        for command in Manual.commands {
            #expect(HelpText.overview.contains("\n  \(command.name) "))
            let text = HelpText.explaining(command)
            for option in command.options { #expect(text.contains("\n  \(option.synopsis)\n")) }
            for line in (HelpText.overview + "\n" + text).split(separator: "\n")
            where !line.contains("    # ") {
                #expect(line.count <= 80, "\(line)")
            }
        }
    }

    @Test("the man page has them, too, and no line of text is mistaken for a request")
    func manPage() {
        let page = ManPage.text(version: "1.2")
        #expect(page.hasPrefix(".TH TURNKEEPER 1 "))
        for command in Manual.commands {
            #expect(page.contains(".SS turnkeeper \(command.name)"))
            for option in command.options {
                let name = option.name.split(separator: "-").joined(separator: "\\-")
                #expect(page.contains("\\fB\\-\\-\(name)\\fR"))
            }
        }
        let requests: Set<Substring> = [
            ".TH", ".SH", ".SS", ".PP", ".TP", ".RS", ".RE", ".nf", ".fi", ".B", ".I",
        ]
        for line in page.split(separator: "\n") where line.hasPrefix(".") || line.hasPrefix("'") {
            #expect(requests.contains(line.prefix { $0 != " " }), "\(line)")
        }
    }

    @Test("every shell is offered every command and option")
    func completions() {
        for shell in Completions.allCases {
            for command in Manual.commands {
                #expect(shell.script.contains(command.name))
                for option in command.options {
                    #expect(shell.script.contains(option.name), "\(shell) \(option.name)")
                }
            }
        }
    }

    @Test("verbs are derived from the operands")
    func verbs() {
        #expect(Manual.sessions.verbs == ["list", "show", "follow", "end", "drain"])
        #expect(Manual.bundle.verbs == [])
        #expect(Manual.completions.verbs == ["bash", "zsh", "fish"])
    }
}

@Suite struct GuessedCommandTests {
    @Test("a mistyped name is guessed, and a verb without its command")
    func nearest() {
        #expect(Manual.nearest(to: "serv") == "serve")
        #expect(Manual.nearest(to: "follow") == "sessions follow")
        #expect(Manual.nearest(to: "follw") == "sessions follow")
        #expect(Manual.nearest(to: "xyzzy") == nil)
    }
}

@Suite struct ArgumentsTests {
    static let command = Command(
        "try", "[ID]", summary: "tries",
        options: [
            Option("listen", "HOST:PORT", "Where."), Option("kind", oneOf: ["a", "b"], "Which."),
            Option("loud", "Loudly."), Option("wait", "TIME", "How long."),
            Option("room", "SIZE", "How much."), Option("count", "N", "How many."),
        ])

    func read(_ words: String...) throws(Arguments.Mistake) -> Arguments {
        try Arguments(Self.command, words: words)
    }

    @Test("values come after a space or an equals sign; the rest are operands")
    func values() throws {
        let arguments = try read("--listen", "a:1", "--kind=b", "x", "--loud", "--wait=1m")
        #expect(arguments["listen"] == "a:1" && arguments.has("loud") && !arguments.has("count"))
        #expect(try arguments.word("kind") == "b")
        #expect(try arguments.duration("wait") == .seconds(60))
        #expect(arguments.operands == ["x"])
        #expect(try read("--listen=")["listen"] == "")
        #expect(try read("--room", "2GiB").size("room", atLeast: 1) == 2 << 30)
    }

    @Test(
        "what is asked wrongly is named, with what to try",
        arguments: [
            (["--lisen", "x"], "no option --lisen; did you mean --listen?"),
            (["--listener", "x"], "did you mean --listen?"), (["--xyz"], "has no option --xyz"),
            (["--"], "no option --"), (["--=x"], "no option --"), (["--listen"], "needs a value"),
            (["--listen", "--loud"], "needs a value"), (["--loud=yes"], "takes no value"),
            (["--loud", "--loud"], "given twice"),
        ])
    func mistakes(_ words: [String], _ text: String) {
        #expect {
            try Arguments(Self.command, words: words)
        } throws: { error in
            guard let mistake = error as? Arguments.Mistake else { return false }
            return mistake.message.contains(text) && mistake.hint == "turnkeeper try --help"
        }
    }

    @Test("an invalid value is refused")
    func wrongValues() throws {
        let arguments = try read("--kind=c", "--wait=1", "--room=2", "--count=9")
        #expect(throws: Arguments.Mistake.self) { try arguments.word("kind") }
        #expect(throws: Arguments.Mistake.self) {
            try Arguments(Manual.serve, words: ["--data", ""])
        }
        #expect(throws: Arguments.Mistake.self) { try Arguments(Manual.serve, words: ["--data="]) }
        #expect(throws: Arguments.Mistake.self) { try arguments.duration("wait") }
        #expect(throws: Arguments.Mistake.self) { try arguments.size("room", atLeast: 1) }
        #expect(throws: Arguments.Mistake.self) { try arguments.integer("count", in: 1...8) }
        #expect(try arguments.integer("count", in: 1...9) == 9)
    }

    @Test("a command without operands takes none")
    func noOperands() {
        #expect(throws: Arguments.Mistake.self) {
            try Arguments(Manual.serve, words: ["Policies"])
        }
    }
}
