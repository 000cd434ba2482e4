import Basics
import Wire

/// The parts of a `setup` that affect the service.
struct Settings {
    struct Tool: Equatable {
        var name: String
        var isBlocking: Bool
    }

    var model = ""
    var family = Family.native25
    var isManual = false
    var silence = Interval.milliseconds(500)
    var interrupts = true
    var transcribesInput = false
    var transcribesOutput = false
    var wantsHandles = false
    /// Silence is an answer.
    var isProactive = false
    var handle: String?
    var tools: [Tool] = []
    var seedsHistory = false
    var includesThoughts = false
    var instruction = ""
    var instructionBytes: Int { instruction.utf8.count }
    /// The instruction and the names of the tools.
    var brief: String { ([instruction] + tools.map(\.name)).joined(separator: "|") }
    /// Names of the fields the setup has, as the schema writes them.
    var fields: Set<String> = []
    var reportsVAD = false
    /// Number of tokens at which the context is truncated, and to how many.
    var window: (trigger: Int, target: Int)?
    /// The model never answers this setup.
    var isNeverCompleted = false
}

/// Which endpoint was dialed.
struct Door: Equatable {
    var isVertex = false
    var version = "v1beta"
    var key = ""

    init() {}

    /// Reads version, platform and credential from the upgrade.
    init(_ upgrade: Upgrade) {
        let parts = upgrade.target.split(separator: "?", maxSplits: 1)
        let path = parts.first ?? ""
        isVertex = path.mentions("google.cloud.aiplatform")
        for version in ["v1alpha", "v1beta1", "v1beta", "v1"] where path.mentions(".\(version).") {
            self.version = version
            break
        }
        key = upgrade.apiKey.isEmpty ? upgrade.authorization : upgrade.apiKey
        if parts.count > 1, key.isEmpty {
            for pair in parts[1].split(separator: "&") {
                let halves = pair.split(separator: "=", maxSplits: 1)
                if halves.count == 2, halves[0] == "key" || halves[0] == "access_token" {
                    key = String(halves[1])
                }
            }
        }
    }
}

/// Why a setup is refused: what is recorded, and the close that the client sees.
struct SetupRefusal: Error {
    var kind: Heard.Violation.Kind
    var detail: String
    var close: Close

    static func invalid(_ detail: String) -> SetupRefusal {
        SetupRefusal(kind: .setupField, detail: detail, close: .invalidArgument)
    }

    static func unknownName(_ name: String, at path: String) -> SetupRefusal {
        SetupRefusal(
            kind: .setupField, detail: path + "." + name,
            close: Close(
                1007,
                "Invalid JSON payload received. Unknown name \"\(name)\" at '\(path)': Cannot find field."
            ))
    }
}

extension Close {
    static let invalidArgument = Close(1007, "Request contains an invalid argument.")
    static let preconditionFailed = Close(1007, "Precondition check failed.")
    static let notImplemented = Close(
        1008, "Operation is not implemented, or supported, or enabled.")
    static let internalError = Close(1011, "Internal error encountered.")
    static let exhausted = Close(1011, "Resource has been exhausted (e.g. check quota).")
    static let sessionNotFound = Close(1008, "BidiGenerateContent session not found")
    static let goAwayOverrun = Close(
        1008,
        "Connection aborted because the client failed to close the connection after receiving a GoAway signal once the session durat"
    )
    static let unregistered = Close(
        1008,
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API c"
    )
    static let badKey = Close(1007, "API key not valid. Please pass a valid API key.")

    /// The reason as the service sends it: cut at 123 bytes, even inside a word, but not inside a
    /// character.
    static func cut(_ code: UInt16, _ reason: String) -> Close {
        var bytes = reason.utf8.prefix(123)
        while !bytes.isEmpty {
            if let text = String(validating: bytes, as: UTF8.self) { return Close(code, text) }
            bytes = bytes.dropLast()
        }
        return Close(code)
    }
}

extension Settings {
    /// Reads a setup that conforms to the schema, and judges it as the model would.
    init(
        _ tree: JSONTree, _ setup: Int, _ bytes: Span<UInt8>, door: Door, scenario: Scenario
    ) throws(SetupRefusal) {
        silence = scenario.silence
        try readModel(tree, setup, bytes, door)
        try readGeneration(tree, setup, bytes, door)
        readInput(tree, setup, bytes)
        try readResumption(tree, setup, bytes)
        try readTools(tree, setup, bytes)
        transcribesInput =
            tree.member("inputAudioTranscription", of: setup, in: bytes) != nil
            || family == .transcribe
        transcribesOutput = tree.member("outputAudioTranscription", of: setup, in: bytes) != nil
        let history = tree.member("historyConfig", of: setup, in: bytes)
        seedsHistory = tree.isTrue("initialHistoryInClientContent", of: history, in: bytes)
        reportsVAD = tree.isTrue("explicitVadSignal", of: setup, in: bytes)
        if let instruction = tree.member("systemInstruction", of: setup, in: bytes) {
            self.instruction = tree.contentText(instruction, in: bytes)
        }
        readWindow(tree, tree.member("contextWindowCompression", of: setup, in: bytes), bytes)
        if scenario.faults.isEmpty { return }
        for field in Shape.setup.fields where tree.member(field.name, of: setup, in: bytes) != nil {
            fields.insert(field.name)
        }
    }

    /// Counts may be numbers or, as 64-bit integers are written, strings.
    private mutating func readWindow(_ tree: JSONTree, _ node: Int?, _ bytes: Span<UInt8>) {
        func count(_ name: String, of node: Int?) -> Int? {
            guard let value = tree.member(name, of: node, in: bytes) else { return nil }
            return Int(tree.text(value, in: bytes)).flatMap { $0 > 0 ? $0 : nil }
        }
        guard let trigger = count("triggerTokens", of: node) else { return }
        let sliding = tree.member("slidingWindow", of: node, in: bytes)
        window = (trigger, count("targetTokens", of: sliding) ?? trigger / 2)
    }

    private mutating func readModel(
        _ tree: JSONTree, _ setup: Int, _ bytes: Span<UInt8>, _ door: Door
    ) throws(SetupRefusal) {
        let name = tree.member("model", of: setup, in: bytes).map { tree.text($0, in: bytes) } ?? ""
        let hasRightForm =
            door.isVertex ? name.mentions("publishers/google/models/") : name.hasPrefix("models/")
        model = String(name.split(separator: "/").last ?? "")
        guard hasRightForm, let found = Family.of(model) else {
            let shown = name.isEmpty ? "models/" : name
            throw SetupRefusal(
                kind: .unknownModel, detail: name,
                close: .cut(
                    1008,
                    "\(shown) is not found for API version \(door.version), or is not supported for bidiGenerateContent. Call ListModels to see the list of available models and their supported methods."
                ))
        }
        family = found
    }

    private mutating func readGeneration(
        _ tree: JSONTree, _ setup: Int, _ bytes: Span<UInt8>, _ door: Door
    ) throws(SetupRefusal) {
        let config = tree.member("generationConfig", of: setup, in: bytes)
        for name in Shape.unsupportedInLive where tree.member(name, of: config, in: bytes) != nil {
            throw .invalid("generationConfig.\(name)")
        }
        if let modalities = tree.member("responseModalities", of: config, in: bytes) {
            let wanted = tree.elements(of: modalities).map { tree.text($0, in: bytes) }
            if wanted.count > 1 || wanted.first.map({ $0 != modality }) ?? false {
                throw .invalid("generationConfig.responseModalities")
            }
        }
        try judgeThinking(tree, tree.member("thinkingConfig", of: config, in: bytes), bytes)
        let affective = tree.member("enableAffectiveDialog", of: config, in: bytes)
        let proactivity = tree.member("proactivity", of: setup, in: bytes)
        isProactive =
            family.isAlwaysProactive
            || tree.isTrue("proactiveAudio", of: proactivity, in: bytes)
        if family.ignoresSetupWithDialogFlags {
            isNeverCompleted = affective != nil || proactivity != nil
        } else if family == .native25 {
            if !door.isVertex, door.version != "v1alpha" {
                if affective != nil {
                    throw .unknownName("enableAffectiveDialog", at: "setup.generation_config")
                }
                if proactivity != nil { throw .unknownName("proactivity", at: "setup") }
            }
        } else {
            if affective != nil { throw .invalid("generationConfig.enableAffectiveDialog") }
            if let audio = tree.member("proactiveAudio", of: proactivity, in: bytes),
                tree.kind(audio) == .no
            {
                throw .invalid("proactivity.proactiveAudio")
            }
        }
    }

    private var modality: String { family == .transcribe ? "TEXT" : "AUDIO" }

    private mutating func judgeThinking(
        _ tree: JSONTree, _ config: Int?, _ bytes: Span<UInt8>
    ) throws(SetupRefusal) {
        includesThoughts = tree.isTrue("includeThoughts", of: config, in: bytes)
        let level = tree.member("thinkingLevel", of: config, in: bytes)
        let budget = tree.member("thinkingBudget", of: config, in: bytes)
        switch family {
        case .native25:
            if level != nil { throw .invalid("generationConfig.thinkingConfig.thinkingLevel") }
        case .flash31, .translate, .transcribe:
            break
        case .live38:
            if config != nil { throw .invalid("generationConfig.thinkingConfig") }
        case .thinking38:
            let name = level.map { tree.text($0, in: bytes) } ?? ""
            guard budget == nil, ["LOW", "MEDIUM", "HIGH"].contains(name) else {
                throw .invalid("generationConfig.thinkingConfig.thinkingLevel")
            }
        }
    }

    private mutating func readInput(_ tree: JSONTree, _ setup: Int, _ bytes: Span<UInt8>) {
        let config = tree.member("realtimeInputConfig", of: setup, in: bytes)
        let detection = tree.member("automaticActivityDetection", of: config, in: bytes)
        isManual = tree.isTrue("disabled", of: detection, in: bytes)
        if let node = tree.member("silenceDurationMs", of: detection, in: bytes),
            let value = tree.number(node, in: bytes), value > 0, value < 60_000
        {
            silence = .milliseconds(Int64(value))
        }
        if let node = tree.member("activityHandling", of: config, in: bytes) {
            interrupts = tree.text(node, in: bytes) != "NO_INTERRUPTION"
        }
    }

    private mutating func readResumption(
        _ tree: JSONTree, _ setup: Int, _ bytes: Span<UInt8>
    ) throws(SetupRefusal) {
        guard let resumption = tree.member("sessionResumption", of: setup, in: bytes) else {
            return
        }
        wantsHandles = family != .transcribe
        guard let node = tree.anyMember("handle", of: resumption, in: bytes) else { return }
        guard tree.kind(node) != .null else {
            if family.isFlash3 { throw .invalid("sessionResumption.handle: null") }
            return
        }
        let value = tree.text(node, in: bytes)
        if !value.isEmpty { handle = value }
    }

    private mutating func readTools(
        _ tree: JSONTree, _ setup: Int, _ bytes: Span<UInt8>
    ) throws(SetupRefusal) {
        guard let list = tree.member("tools", of: setup, in: bytes) else { return }
        tools = []
        for tool in tree.elements(of: list) {
            guard let declarations = tree.member("functionDeclarations", of: tool, in: bytes)
            else { continue }
            for declaration in tree.elements(of: declarations) {
                let name = tree.member("name", of: declaration, in: bytes)
                    .map { tree.text($0, in: bytes) }
                guard let name, !name.isEmpty else { throw .invalid("tools without a name") }
                let behavior = tree.member("behavior", of: declaration, in: bytes)
                    .map { tree.text($0, in: bytes) }
                if family == .thinking38, behavior == "BLOCKING" {
                    throw .invalid("tools.behavior: BLOCKING")
                }
                let blocks =
                    switch behavior {
                    case "BLOCKING": true
                    case "NON_BLOCKING": false
                    default: family.blocksByDefault
                    }
                tools.append(Tool(name: name, isBlocking: blocks))
            }
        }
    }

    /// The tools of a `contextUpdate` replace those of the setup.
    mutating func replaceTools(
        _ tree: JSONTree, _ wrapper: Int, _ bytes: Span<UInt8>
    ) throws(SetupRefusal) {
        tools = []
        try readTools(tree, wrapper, bytes)
    }
}

extension JSONTree {
    func isTrue(_ name: String, of node: Int?, in bytes: Span<UInt8>) -> Bool {
        member(name, of: node, in: bytes).map { kind($0) == .yes } ?? false
    }

    /// The text parts of a Content, joined by a space.
    func contentText(_ content: Int, in bytes: Span<UInt8>) -> String {
        guard let parts = member("parts", of: content, in: bytes) else { return "" }
        var words = ""
        for part in elements(of: parts) {
            guard let node = member("text", of: part, in: bytes) else { continue }
            if !words.isEmpty { words += " " }
            words += text(node, in: bytes)
        }
        return words
    }
}
