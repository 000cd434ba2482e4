import Basics
import Policies
import Sessions
import Wire

/// A session machine under any bytes: a fuzzer's input, read as events in any order a shell could
/// bring them, with messages of both peers pieced together and broken by the same bytes. What comes
/// of it is looked at by the checkers that hold whatever peers do.
public struct AnyBytes: ~Copyable {
    private var input: ArraySlice<UInt8>
    private var session: Session
    private var checkers: [any Invariant]
    private var now = Instant(nanoseconds: 0)
    private var actions = Actions()
    /// Connections that were asked for, and the one in use.
    private var dialed: [ConnectionID] = []
    private var used: ConnectionID = 0
    /// Its upgrade is answered, and its connection has not ended.
    private var hasClient = false
    private var failure: Failure?
    private var steps = 0
    private var turns = 0

    private static let mostSteps = 400

    public struct Outcome: Sendable {
        /// The first promise that was broken.
        public var failure: Failure?
        /// Turns that ended, so that a test can tell that it got as far.
        public var turns: Int
    }

    public static func play(_ bytes: [UInt8]) -> Outcome {
        var play = AnyBytes(bytes)
        play.run()
        return Outcome(failure: play.failure, turns: play.turns)
    }

    private init(_ bytes: [UInt8]) {
        input = bytes[...]
        var policy = Policy()
        let choice = input.popFirst() ?? 0
        policy.limits.buffer = 64 << 10
        if choice & 1 != 0 { policy.turns.noiseHold = .milliseconds(300) }
        if choice & 2 != 0 { policy.client.park = .zero }
        if choice & 4 != 0 { policy.recovery.replay = false }
        if choice & 8 != 0 { policy.mode = .observe }
        session = Session(
            id: "s", policy: policy, profiles: .builtIn,
            handle: choice & 16 != 0 ? "turnkeeper.s.secret" : "",
            isSetupLocked: choice & 32 != 0, opensOnce: choice & 64 != 0)
        checkers = [
            HeldWithinBounds(limit: policy.limits.buffer), ForwardsMessages(), EndsOnce(),
            SendsMessages(),
        ]
    }

    private mutating func run() {
        apply(.opened)
        while failure == nil, steps < Self.mostSteps, let choice = input.popFirst() {
            steps += 1
            step(choice)
            ring()
        }
    }

    // MARK: Events

    private mutating func step(_ choice: UInt8) {
        let which = choice >> 3
        switch choice & 7 {
        case 0, 1: fromClient(which)
        case 2, 3: fromGemini(which)
        case 4: now = now + .milliseconds(Int64(which) * Int64(which) * 40)
        case 5: onConnection(which)
        case 6: elsewhere(which)
        default:
            now = now + .milliseconds(20)
            fromClient(which)
        }
    }

    private mutating func fromClient(_ which: UInt8) {
        guard hasClient else { return }
        let bytes = broken(Messages.client[Int(which) % Messages.client.count])
        let event = Event.client(bytes, .text, hearing: session.wantsVoicing)
        apply(event, bytes)
    }

    private mutating func fromGemini(_ which: UInt8) {
        guard used != 0 else { return }
        let bytes = broken(Messages.gemini[Int(which) % Messages.gemini.count])
        apply(.gemini(bytes, .binary, used), bytes)
    }

    /// Of an opening, or the end of one.
    private mutating func onConnection(_ which: UInt8) {
        let link = dialed.popLast()
        switch which % 5 {
        case 0, 1: if let link { apply(.dialed(link)) }
        case 2: if let link { apply(.dialFailed(link, .timedOut("late"))) }
        case 3:
            let codes: [UInt16] = [1000, 1006, 1007, 1008, 1011, 4000]
            lose(.geminiClosed(used, Close(codes[Int(which) % codes.count], "reason \(which)")))
        default: lose(.geminiViolated(used, Close(1002, "a frame")))
        }
    }

    /// The connection in use is gone.
    private mutating func lose(_ event: Event) {
        guard used != 0 else { return }
        used = 0
        apply(event)
    }

    private mutating func leave(_ event: Event) {
        guard hasClient else { return }
        hasClient = false
        apply(event)
    }

    private mutating func elsewhere(_ which: UInt8) {
        switch which % 10 {
        case 0: leave(.clientClosed(which > 20 ? .abnormal : Close(1000)))
        case 1: leave(.clientViolated(Close(1009, "long")))
        case 2: if hasClient { apply(which > 15 ? .clientBehind(which > 30) : .clientUnread) }
        case 3: apply(.memoryShort)
        case 4: apply(.limitReached(Limit.allCases[Int(which) % Limit.allCases.count]))
        case 5: apply(.drained(by: now + .seconds(5)))
        case 6: if hasClient { apply(.clientPonged(.milliseconds(20))) }
        case 7: if used != 0 { apply(.geminiPonged(used, .milliseconds(20))) }
        case 8: leave(.clientStuck(buffered: 1 << 20))
        default:
            var policy = Policy()
            policy.limits.buffer = 64 << 10
            policy.turns.deadAir = .milliseconds(Int64(which) * 100)
            apply(.policyChanged(Boxed(policy)))
        }
    }

    /// A message with some of its bytes changed, cut or doubled, as the input says.
    private mutating func broken(_ message: [UInt8]) -> [UInt8] {
        var bytes = message
        guard let how = input.popFirst(), how > 200, !bytes.isEmpty else { return bytes }
        for _ in 0...(how & 3) {
            guard let place = input.popFirst(), let byte = input.popFirst(), !bytes.isEmpty else {
                break
            }
            let at = Int(place) * bytes.count / 256
            switch byte & 3 {
            case 0: bytes[at] = byte
            case 1: bytes.remove(at: at)
            case 2: bytes.insert(byte, at: at)
            default: bytes += bytes[at...]
            }
        }
        return bytes
    }

    /// What is due is done, and comes to an end.
    private mutating func ring() {
        for _ in 0..<100 {
            guard failure == nil, let due = session.deadline, due <= now else { return }
            apply(.wokeUp)
        }
        if failure == nil, let due = session.deadline, due <= now {
            failure = Failure(invariant: "Liveness", what: "a deadline is due for ever")
        }
    }

    // MARK: Actions

    private mutating func apply(_ event: Event, _ payload: [UInt8] = []) {
        guard failure == nil else { return }
        session.handle(event, payload: payload.span, at: now, into: &actions)
        let step = Step(
            at: now, event: event, payload: payload, actions: actions.list,
            held: session.heldBytes)
        actions.removeAll()
        for index in checkers.indices {
            if let what = checkers[index].check(step) {
                failure = Failure(invariant: type(of: checkers[index]).name, what: what)
                return
            }
        }
        for action in step.actions { perform(action) }
    }

    private mutating func perform(_ action: Action) {
        switch action {
        case .dial(let link): dialed.append(link)
        case .use(let link): used = link
        case .drop(let link): dialed.removeAll { $0 == link }
        case .choose(let model): apply(.chosen(model: model))
        case .note(.ended): used = 0
        case .note(.turnEnded): turns += 1
        case .accept: hasClient = true
        case .close(.client, _), .refuse: hasClient = false
        case .close(.gemini, _): used = 0
        case .forward, .send, .ping, .note, .pause, .resume, .limit,
            .recall, .offer, .keep, .retire:
            break
        }
    }
}

/// What is forwarded is a message in hand, and it is forwarded once.
private struct ForwardsMessages: Invariant {
    static let name = "I4"

    mutating func check(_ step: Step) -> String? {
        let count = step.actions.count { $0 == .forward }
        guard count > 0 else { return nil }
        switch step.event {
        case .clientSent, .geminiSent, .geminiSentMalformed, .clientSentMalformed, .clientReturned:
            return count > 1 ? "forwards one message \(count) times" : nil
        default: return "forwards where nothing is in hand"
        }
    }
}

/// A session ends once, and then asks for nothing.
private struct EndsOnce: Invariant {
    static let name = "I6"
    private var isEnded = false

    mutating func check(_ step: Step) -> String? {
        if isEnded, !step.actions.isEmpty { return "acts after its end: \(step.actions)" }
        let ends = step.actions.count { if case .note(.ended) = $0 { true } else { false } }
        if ends > 0 { isEnded = true }
        return ends > 1 ? "ends twice" : nil
    }
}

/// What is made here is a message of the API: whoever reads it must not fall over it.
private struct SendsMessages: Invariant {
    static let name = "I2"

    mutating func check(_ step: Step) -> String? {
        for action in step.actions {
            // What gemini said and nobody here can read goes on to the client as it is.
            guard case .send(.gemini, let bytes, _) = action,
                (try? ClientMessage.scan(bytes.span)) == nil
            else { continue }
            return "sends gemini no message: \(Narrator.short(bytes))"
        }
        return nil
    }
}

/// What a conversation is made of.
private enum Messages {
    static let client: [[UInt8]] =
        [
            #"{"setup":{"model":"models/gemini-3.1-flash-live-preview"}}"#,
            #"{"setup":{"model":"models/gemini-2.5-flash-native-audio-preview-09-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}}"#,
            #"{"setup":{"model":"m","sessionResumption":{"handle":"h"},"tools":[{"functionDeclarations":[{"name":"f"}]}]}}"#,
            #"{"realtimeInput":{"activityStart":{}}}"#, #"{"realtimeInput":{"activityEnd":{}}}"#,
            #"{"realtimeInput":{"audioStreamEnd":true}}"#,
            #"{"realtimeInput":{"text":"hello"}}"#,
            #"{"realtimeInput":{"video":{"mimeType":"image/jpeg","data":"AAAA"}}}"#,
            #"{"clientContent":{"turns":[{"role":"user","parts":[{"text":"hi"}]}],"turnComplete":true}}"#,
            #"{"clientContent":{"turns":[{"role":"user","parts":[{"text":"hi"}]}]}}"#,
            #"{"clientContent":{"turnComplete":true}}"#,
            #"{"toolResponse":{"functionResponses":[{"id":"c1","name":"f","response":{"ok":1}}]}}"#,
            #"{"toolResponse":{"functionResponses":[]}}"#, #"{"unknown":{}}"#, "{}", "", "{",
        ].map { Array($0.utf8) }
        + [Compose.silence(.milliseconds(20)), Compose.silence(.milliseconds(1500))]
        + [
            Compose.audio(pcm: [UInt8](repeating: 0x30, count: 3200).span),
            Compose.audio(pcm: [UInt8](repeating: 0x50, count: 32_000).span),
        ]

    static let gemini: [[UInt8]] = [
        #"{"setupComplete":{}}"#,
        #"{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"AAAAAAAA"}}]}}}"#,
        #"{"serverContent":{"modelTurn":{"parts":[{"text":"yes"}]}}}"#,
        #"{"serverContent":{"turnComplete":true}}"#,
        #"{"serverContent":{"generationComplete":true}}"#,
        #"{"serverContent":{"interrupted":true}}"#,
        #"{"serverContent":{"inputTranscription":{"text":"hello"}}}"#,
        #"{"serverContent":{"outputTranscription":{"text":"yes"}},"usageMetadata":{"totalTokenCount":5}}"#,
        #"{"serverContent":{"interrupted":true,"turnComplete":true}}"#,
        #"{"toolCall":{"functionCalls":[{"id":"c1","name":"f","args":{}}]}}"#,
        #"{"toolCallCancellation":{"ids":["c1"]}}"#, #"{"goAway":{"timeLeft":"10s"}}"#,
        #"{"sessionResumptionUpdate":{"newHandle":"h1","resumable":true}}"#,
        #"{"sessionResumptionUpdate":{"resumable":false}}"#,
        #"{"usageMetadata":{"promptTokenCount":1,"responseTokenCount":2,"totalTokenCount":3}}"#,
        #"{"error":{"code":13}}"#, "{}", "", "{", "\u{FF}",
    ].map { Array($0.utf8) }
}
