// Commands of the first five minutes.
extension Manual {
    static let trial = Command(
        "try", summary: "serves on this machine; without a key a simulated gemini answers",
        [
            "Needs no policy: with GEMINI_API_KEY in the environment gemini itself answers, whoever "
                + "reaches the port, which only this machine can. The simulator takes the port two above "
                + "--listen, and the admin port is one above.",
            "Policy and everything else is in --data. A policy that is changed there is yours, and "
                + "stays.",
        ],
        options: [
            Option("listen", "HOST:PORT", "Where clients connect. 127.0.0.1:8080 unless given."),
            Option(
                "data", "DIR", .directory,
                "Of this server alone. .turnkeeper unless given, with another port .turnkeeper-PORT."
            ),
        ],
        examples: [
            Example("turnkeeper try", "then, elsewhere: turnkeeper talk"),
            Example("turnkeeper try --listen 127.0.0.1:9080", "a second one"),
        ])

    static let talk = Command(
        "talk", summary: "asks a question aloud, through a server that runs here",
        [
            "Says what was heard and what was answered, and keeps the voice. The key it shows is "
                + "GEMINI_API_KEY of the environment, if there is one."
        ],
        options: [
            Option("to", "HOST:PORT", "The server. 127.0.0.1:8080 unless given."),
            Option("model", "MODEL", "gemini-3.1-flash-live-preview unless given."),
            Option(
                "question", oneOf: ["capital", "weather", "story"],
                "What is asked: there are three recordings. capital unless given."),
            Option("out", "FILE", .file, "Where the answer goes. answer.wav unless given."),
        ])

    static let quickstart = Command(
        "quickstart", summary: "writes the first policy, from two answers",
        [
            "Asks what is not given, writes one file and replaces none. A client's key is made here, "
                + "shown once, and kept as a digest."
        ],
        options: [
            Option(
                "policies", "DIR", .directory, "Where. Policies unless given; made where missing."),
            Option(
                "key", "env:NAME|file:PATH|client|simulator",
                "Whose API key gemini sees: one of ours, each client's own, or none."),
            Option(
                "clients", oneOf: ["anyone", "key"],
                "Who may use it: whoever reaches the port, or who shows a key that is made now."),
        ],
        examples: [
            Example("turnkeeper quickstart", "asks"),
            Example(
                "turnkeeper quickstart --key env:GEMINI_API_KEY --clients key", "does not ask"),
        ])
}
