import Basics
import Policies
import Wire

/// The parts of the client's setup that affect the session.
struct SetupState {
    var model = "" { didSet { size = count() } }
    var isManualVAD = false
    /// The effective setup is in a token.
    var isLocked = false
    /// The credential is the client's own and may open only one session: a Google token has one use
    /// unless told otherwise, and a bearer expires.
    var opensOnce = false
    /// It is unknown whether the client marks where its activities begin and end.
    var isDetectionOpen = false
    /// The order of magnitude of the service's default, which is not documented.
    var silenceDuration = Interval.milliseconds(800)
    /// The service may use less silence to end an utterance, but no less than this.
    var shortestSilence: Interval { min(silenceDuration, .milliseconds(400)) }
    /// The setup asks for input transcription.
    var transcribesInput = false
    /// Names of the tools declared NON_BLOCKING.
    var freeTools: [String] = [] { didSet { size = count() } }
    /// Functions that declare no behavior: the meaning depends on the model.
    var hasUndeclaredTools = false
    /// The client is told which of its messages gemini has processed.
    var isTransparent = false
    /// `sessionResumption` is ours, so its updates are hidden from the client.
    var resumptionInserted = false
    /// Transcripts that the proxy requested and the client did not; they are hidden from the
    /// client.
    var ownTranscripts: ServerMessage.Content = []
    /// The client's setup, until its model and a connection are known.
    var waiting: OutboundMessage? { didSet { size = count() } }
    /// Ids of the models so far.
    var tried: [String] = [] { didSet { size = count() } }
    /// The message as sent to gemini, for later connections; empty before.
    var sent: [UInt8] = [] { didSet { size = count() } }
    /// What the client has changed in it since, and gemini may yet refuse.
    var changes = ContextChanges() { didSet { size = count() } }
    var changedAt = Instant(nanoseconds: 0)
    var respondsWithAudio = true
    /// The model has.
    var hasSpoken = false
    /// Text alone is no answer. Where a token hides the setup that gemini uses, that is unknown
    /// until the model has spoken.
    var mustSpeak: Bool { respondsWithAudio && (hasSpoken || !isLocked) }
    /// The client wants its context to be compressed.
    var compresses = false
    /// The client lets the model be silent.
    var isProactive = false
    /// The user's input waits for earlier answers.
    var forbidsInterruption = false
    /// The client's first content, up to the end of a turn, is history and asks nothing.
    var awaitsHistory = false
    var hasInitialHistory = false
    /// A thinking level of medium or high: the first word takes longer.
    var thinks = false
    /// Bytes kept: it lasts as long as the session, and may be its largest message.
    private(set) var size = 0

    private func count() -> Int {
        Footprint.of(sent) + changes.size + (waiting?.footprint ?? 0) + Footprint.of(model)
            + Footprint.of(tried) + Footprint.of(freeTools)
    }

    /// The model is named as a Vertex resource; the Gemini API's own names begin with `models/`.
    var isOnVertex: Bool { model.hasPrefix("projects/") || model.hasPrefix("publishers/") }
}

extension Session {
    /// Edits the client's first setup according to the rules, and sends it.
    mutating func sendSetup(
        _ outbound: OutboundMessage, _ read: Setup, for model: String, payload: Span<UInt8>,
        at now: Instant, into out: inout Actions
    ) {
        let asked = modelID(read.model)
        let pinned = policy.models.pinned(asked)
        if pinned != asked { out.note(.pinned(from: asked, to: pinned)) }
        if model != pinned { out.note(.fellBack(from: pinned, to: model)) }
        setup.tried = [pinned]
        name(model, in: read)
        setup.isManualVAD = read.isManualVAD
        setup.isDetectionOpen = setup.isLocked && !read.isManualVAD
        setup.transcribesInput = read.transcribesInput
        setup.freeTools = read.functions.filter { $0.behavior == .nonBlocking }.map(\.name)
        setup.hasUndeclaredTools = read.functions.contains { $0.behavior == .unspecified }
        if let silence = read.silenceDurationMs {
            setup.silenceDuration = .milliseconds(min(max(silence, 0), 60_000))
        }
        setup.isTransparent = read.isTransparent
        setup.respondsWithAudio = read.respondsWithAudio
        setup.compresses = read.hasContextWindowCompression
        setup.forbidsInterruption = read.forbidsInterruption
        setup.hasInitialHistory = read.initialHistoryInClientContent
        setup.awaitsHistory = read.initialHistoryInClientContent
        setup.isProactive = read.proactiveAudio == true
        setup.thinks = read.thinkingLevel == "MEDIUM" || read.thinkingLevel == "HIGH"
        renewRules()

        offer(read, payload, into: &out)
        var edits =
            setupEdits(read, payload, for: profile(of: pinned).family, into: &out) + returnEdits
            + insertTranscription(read, into: &out)
        if model != asked { edits.append(.setModel(setup.model)) }
        let isChanged = change(payload, by: edits)
        if !isChanged { setup.sent = outbound.bytes(payload) }
        guard roomOfJournal >= 0 else { return refuseLargeSetup(into: &out) }
        if isChanged {
            let (bytes, knowledge) = opening(setup.sent, read, at: now, into: &out)
            uplink.setUp(bytes, knowing: knowledge, into: &out)
        } else {
            uplink.setUp(outbound.kept, knowing: Knowledge(), into: &out)
        }
        phase = .settingUp
        upstream.setUp(at: now, within: policy.upstream.setup)
        out.note(.setUp(model: setup.model, vad: read.isManualVAD ? .manual : .automatic))
    }

    /// The client's actions, or gemini's reaction, have shown who detects activities.
    mutating func settleDetection(isManual: Bool) {
        setup.isDetectionOpen = false
        setup.isManualVAD = isManual
        if isManual { pause = PauseFiller() }
        renewRules()
    }

    /// - Parameter family: The client wrote the setup for a model of this family.
    mutating func setupEdits(
        _ read: Setup, _ payload: Span<UInt8>, for family: String, into out: inout Actions
    ) -> [SetupEdit] {
        var edits: [SetupEdit] = []
        let mode = policy.turns.rules[.setupFields]
        if mode != .off {
            for path in harmfulFields(read, payload, for: family) {
                out.note(.ruleApplied(.setupFields, mode, detail: .field(path)))
                if mode == .enforce { edits.append(.remove(path)) }
            }
        }
        let insertion = policy.turns.rules[.resumptionInserted]
        if !read.hasSessionResumption, profile.resumes, insertion != .off {
            out.note(.ruleApplied(.resumptionInserted, insertion, detail: .none))
            if insertion == .enforce { edits.append(.insertSessionResumption) }
        }
        return edits
    }

    /// Requests the transcripts without which a new connection cannot be told the conversation. A
    /// token's own setup may request them, unknown to the proxy.
    private mutating func insertTranscription(
        _ read: Setup, into out: inout Actions
    ) -> [SetupEdit] {
        let mode = policy.turns.rules[.transcriptionInserted]
        guard mode != .off, !setup.isLocked, !profile.isContinuous else { return [] }
        var missing: [(content: ServerMessage.Content, field: String)] = []
        if !read.transcribesInput { missing.append((Self.heard, "inputAudioTranscription")) }
        if !read.transcribesOutput, read.respondsWithAudio {
            missing.append((.outputTranscription, "outputAudioTranscription"))
        }
        missing.removeAll { profile.removedSetupFields.contains($0.field) }
        guard let first = missing.first else { return [] }
        out.note(
            .ruleApplied(
                .transcriptionInserted, mode,
                detail: missing.count > 1 ? .none : .field(first.field)))
        guard mode == .enforce else { return [] }
        for (content, _) in missing { setup.ownTranscripts.formUnion(content) }
        if !setup.ownTranscripts.isDisjoint(with: Self.heard) { setup.transcribesInput = true }
        renewRules()
        return missing.map { .set($0.field, Array("{}".utf8)) }
    }

    private static let heard: ServerMessage.Content = [
        .inputTranscription, .interimInputTranscription,
    ]

    /// Fields of this setup that are known to break this model.
    private func harmfulFields(
        _ read: Setup, _ payload: Span<UInt8>, for family: String
    ) -> [String] {
        var fields: [String] = []
        if read.handle == .null || read.handle == .empty, profile.rejectsNullHandle {
            fields.append("sessionResumption.handle")
        }
        if read.hasTransparent, profile.rejectsTransparentOffVertex, !read.namesVertexModel {
            fields.append("sessionResumption.transparent")
        }
        // Families specify thinking in levels or in tokens, and break on the other form; and one
        // family's speech settings mean nothing to another.
        if family != profile.family {
            fields += [
                "generationConfig.thinkingConfig", "generationConfig.enableAffectiveDialog",
                "proactivity",
            ].filter { !profile.removedSetupFields.contains($0) }
        }
        fields += profile.removedSetupFields
        var present: [String] = []
        for path in fields where read.has(path, in: payload) { present.append(path) }
        return present
    }

    /// - Returns: The setup that gemini gets is not the client's.
    private mutating func change(_ payload: Span<UInt8>, by edits: [SetupEdit]) -> Bool {
        guard !edits.isEmpty, let edited = try? Setup.edit(payload, edits), !edited.touched.isEmpty
        else { return false }
        setup.resumptionInserted = edited.touched.contains("sessionResumption")
        setup.sent = edited.bytes
        return true
    }

    /// It is kept for as long as the session, and leaves no room for anything else.
    mutating func refuseLargeSetup(into out: inout Actions) {
        out.note(.limitReached(.buffer))
        let reason = words("the setup takes more than \(rules.buffer) bytes (limits.buffer)")
        end(.refused, client: Close(1008, reason), gemini: Close(1000), into: &out)
    }

    /// A second setup on one client socket: the service would end the session, so it ends here,
    /// before the running one is harmed.
    mutating func refuseSetup(_ outbound: OutboundMessage, into out: inout Actions) {
        let mode = policy.turns.rules[.secondSetup]
        if mode != .off { out.note(.ruleApplied(.secondSetup, mode, detail: .none)) }
        guard mode == .enforce else { return uplink.passUnread(outbound, into: &out) }
        let reason = words("setup was already sent on this connection")
        end(.refused, client: Close(1007, reason), gemini: Close(1000), into: &out)
    }
}

extension Setup {
    /// A Vertex resource name; the Gemini API's own begin with `models/`.
    var namesVertexModel: Bool {
        model.hasPrefix("projects/") || model.hasPrefix("publishers/")
    }

    /// Whether a field of a profile's `removed_setup_fields` is present.
    func has(_ path: String, in payload: Span<UInt8>) -> Bool {
        switch path {
        case "proactivity": hasProactivity
        case "generationConfig.enableAffectiveDialog": enablesAffectiveDialog
        case "generationConfig.thinkingConfig": hasThinkingConfig
        case "sessionResumption.handle", "sessionResumption.transparent": true
        default: (try? Setup.edit(payload, [.remove(path)]))?.touched.isEmpty == false
        }
    }
}
