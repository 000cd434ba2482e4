import SimulatedGemini
import Simulation

/// `dev scenes`: the same conversation, healthy and with a fault, and the differences for the
/// client.
enum Scenes {
    struct Options {
        /// With the keys given after each.
        var faults: [(name: String, options: [FaultPlan.Option])] = []
        var model: String?
        var plot: Scene.Plot?
        var isManual: Bool?
        var isVerbose = false
    }

    static let models = [
        "gemini-2.5-flash-native-audio-preview-12-2025", "gemini-3.1-flash-live-preview",
        "gemini-3.8-live", "gemini-3.8-live-extended-thinking",
    ]

    static func run(_ arguments: [String]) -> Int32 {
        guard let options = read(arguments) else {
            print(
                "Try: dev scenes [--fault NAME] [--with 'KEY: VALUE']... [--model M] "
                    + "[--plot talk|tool|barge_in] [--vad manual|automatic] [--verbose]")
            return 2
        }
        for model in models where options.model.map({ model.contains($0) }) ?? true {
            for isManual in [true, false] where options.isManual ?? isManual == isManual {
                for plot in Scene.Plot.allCases where options.plot ?? plot == plot {
                    let scene = Scene(model: model, isManual: isManual, plot: plot)
                    if !play(scene, options) { return 1 }
                }
            }
        }
        return 0
    }

    private static func play(_ scene: Scene, _ options: Options) -> Bool {
        let healthy = scene.play(isVerbose: options.isVerbose && options.faults.isEmpty)
        guard let fault = options.faults.first?.name else {
            print("\(scene)")
            printLine(healthy)
            return true
        }
        var sick = scene
        do {
            sick.scenario = try Scenario(name: fault, faults: options.faults)
        } catch {
            print("\(error)")
            return false
        }
        let played = sick.play(isVerbose: options.isVerbose)
        let isSame = played.turns == healthy.turns && played.close == nil && played.setups == 1
        let verdict = isSame && played.failure == nil ? "the same" : "DIFFERS"
        let struck = played.strikes[fault] ?? 0
        print("\(verdict): \(scene), struck \(struck) times; \(played.remedies.summary)")
        if !isSame || options.isVerbose { printLine(played) }
        return true
    }

    private static func printLine(_ played: Performance) {
        for line in played.transcript { print(line) }
        if let failure = played.failure { print("  \(failure.invariant) broken \(failure.what)") }
        if let close = played.close { print("  closed \(close)") }
        for turn in played.turns { print("  \(turn)") }
    }

    private static func read(_ arguments: [String]) -> Options? {
        var options = Options()
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--verbose" {
                options.isVerbose = true
                continue
            }
            guard let value = rest.popFirst() else { return nil }
            switch argument {
            case "--fault": options.faults.append((value, []))
            case "--with":
                guard !options.faults.isEmpty else { return nil }
                let option = FaultPlan.Option(stringLiteral: value)
                options.faults[options.faults.count - 1].options.append(option)
            case "--model": options.model = value
            case "--plot":
                guard let plot = Scene.Plot(rawValue: value) else { return nil }
                options.plot = plot
            case "--vad":
                guard value == "manual" || value == "automatic" else { return nil }
                options.isManual = value == "manual"
            default: return nil
            }
        }
        return options
    }
}
