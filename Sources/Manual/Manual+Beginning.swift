// Commands of the first five minutes.
extension Manual {
    static let trial = Command(
        "try", summary: "serves on this machine; without a key a simulated gemini answers",
        [
            "Needs no policy. With GEMINI_API_KEY in the environment gemini itself answers everyone who "
                + "reaches the port, which only this machine can. The admin port is one above --listen; "
                + "the simulator's port is two above, so --listen ends at 65533.",
            "The policy and all other files are in --data. If you edit the policy there, it is not "
                + "overwritten.",
        ],
        options: [
            Option("listen", "HOST:PORT", "Where clients connect. Default: 127.0.0.1:8080."),
            Option(
                "data", "DIR", .directory,
                "For this server only. Default: .turnkeeper; with another port, .turnkeeper-PORT."
            ),
        ],
        examples: [
            Example("turnkeeper try", "then, in another terminal: turnkeeper talk"),
            Example("turnkeeper try --listen 127.0.0.1:9080", "a second one"),
        ])

    static let talk = Command(
        "talk", summary: "asks a spoken question through a server on this machine",
        [
            "Prints what was heard and what was answered, and saves the spoken answer. It presents the "
                + "API key in GEMINI_API_KEY or GOOGLE_API_KEY, if one is set."
        ],
        options: [
            Option("to", "HOST:PORT", "The server. Default: 127.0.0.1:8080."),
            Option("model", "MODEL", "The model. Default: gemini-3.1-flash-live-preview."),
            Option(
                "question", oneOf: ["capital", "weather", "story"],
                "Which of three recorded questions to ask. Default: capital."),
            Option("out", "FILE", .file, "Where to save the answer. Default: answer.wav."),
        ])

    static let quickstart = Command(
        "quickstart", summary: "asks two questions and writes your first policy",
        [
            "Asks for what is not given as an option, writes one file and never replaces one. A key for "
                + "clients is generated, shown once, and stored as a digest."
        ],
        options: [
            Option(
                "policies", "DIR", .directory,
                "Where to write it; created if missing, with the directories above it. Default: Policies."
            ),
            Option(
                "key", "env:NAME|file:PATH|client|simulator",
                "The API key that gemini sees: the proxy's, each client's own, or none."),
            Option(
                "clients", oneOf: ["anyone", "key"],
                "Who may use it: everyone who reaches the port, or holders of a new key (not with --key "
                    + "client: a client shows only one)."),
        ],
        examples: [
            Example("turnkeeper quickstart", "asks both questions"),
            Example(
                "turnkeeper quickstart --key env:GEMINI_API_KEY --clients key", "asks nothing"),
        ])
}
