import Basics
import SimulatedGemini
import Testing
import Wire

/// A service under given faults, and clients that come and go on one clock.
final class Play {
    static let flash31 = "gemini-3.1-flash-live-preview"
    static let native25 = "gemini-2.5-flash-native-audio-preview-12-2025"
    static let live38 = "gemini-3.8-live"
    static let thinking38 = "gemini-3.8-live-extended-thinking"
    static let transcribed = #""inputAudioTranscription":{},"outputAudioTranscription":{}"#
    static let tool = #""tools":[{"functionDeclarations":[{"name":"report"}]}]"#

    let service: SimulatedService
    let model: String
    private let fields: String
    private(set) var caller: Caller

    init(
        _ faults: [(String, [FaultPlan.Option])], model: String = Play.flash31,
        isManual: Bool = true, fields: String = "", seed: UInt64 = 1,
        change: (inout Scenario) -> Void = { _ in }
    ) throws {
        var scenario = try Scenario(
            name: "play", faults: faults.map { (name: $0.0, options: $0.1) })
        scenario.stampsReplies = true
        change(&scenario)
        service = SimulatedService(seed: seed, scenario: scenario)
        self.model = model
        var parts = [Play.transcribed]
        if isManual { parts.append(Caller.manual) }
        if model == Play.thinking38 {
            parts.append(#""generationConfig":{"thinkingConfig":{"thinkingLevel":"LOW"}}"#)
        }
        if !fields.isEmpty { parts.append(fields) }
        self.fields = parts.joined(separator: ",")
        caller = Caller(service)
        caller.setUp(model, self.fields + #","sessionResumption":{}"#)
        caller.wait(.seconds(1))
    }

    var conversation: Conversation { service.conversations[service.conversations.count - 1] }
    var heard: Heard { conversation.heard }

    /// Speaks and lets the answer pass.
    @discardableResult
    func turn(_ number: Int, wait: Interval = .seconds(8)) -> Caller {
        caller.speak(turn: number)
        caller.wait(wait)
        return caller
    }

    /// The client goes and comes back, with a handle if it has one.
    @discardableResult
    func come(back handle: String?, after pause: Interval = .milliseconds(100)) -> Caller {
        if caller.close == nil, !caller.wasAborted { caller.hangUp() }
        let resumption = handle.map { #"{"handle":"\#($0)"}"# } ?? "{}"
        caller = Caller(service, at: caller.now + pause)
        caller.setUp(model, fields + #","sessionResumption":\#(resumption)"#)
        caller.wait(.seconds(1))
        return caller
    }

    /// Audio bytes of all messages since that many.
    func audio(from start: Int) -> Int {
        caller.messages.dropFirst(start).reduce(0) { $0 + $1.audio.count }
    }

    var handles: [String] { heard.handles.map(\.handle) }
}
