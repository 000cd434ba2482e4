import Basics
import Policies
import Wire

/// What the client's setup asked for, as far as the session acts on it.
struct SetupState {
    var model = ""
    var isManualVAD = false
    /// Until the service's own default is named, its order of magnitude.
    var silenceDuration = Interval.milliseconds(800)
    /// The user's words are wanted in writing.
    var transcribesInput = false
    /// Names of the tools declared NON_BLOCKING.
    var freeTools: [String] = []
    /// `sessionResumption` is ours, so its updates are kept from the client.
    var resumptionInserted = false
    /// The message as gemini got it, for the connections that follow; empty before.
    var sent: [UInt8] = []
    var respondsWithAudio = true
    /// A context that shrinks is the client's own wish.
    var compresses = false
    /// The client lets the model be silent.
    var isProactive = false
    /// The user's words wait for the answers before them.
    var forbidsInterruption = false
    /// A thinking level of medium or high: the first word takes longer.
    var thinks = false
}

extension Session {
    /// The client's first setup: read, edited where a rule says so, sent.
    mutating func sendSetup(
        _ passage: Passage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        let read: Setup
        do {
            read = try Setup.read(payload)
        } catch {
            // The scanner let it pass, so the reader will; were they ever to differ, gemini judges.
            phase = .settingUp
            line.state = .settingUp(until: .distantFuture)
            return passage.pass(into: &out)
        }
        guard !read.isAmbiguous else { return refuseAmbiguity(into: &out) }
        if recalls(read, passage, payload: payload, into: &out) { return }
        setup.model = read.model
        setup.isManualVAD = read.isManualVAD
        setup.transcribesInput = read.transcribesInput
        setup.freeTools = read.functions.filter { $0.behavior == .nonBlocking }.map(\.name)
        if let silence = read.silenceDurationMs {
            setup.silenceDuration = .milliseconds(min(max(silence, 0), 60_000))
        }
        setup.respondsWithAudio = read.respondsWithAudio
        setup.compresses = read.hasContextWindowCompression
        setup.forbidsInterruption = read.forbidsInterruption
        setup.isProactive = read.proactiveAudio == true
        setup.thinks = read.thinkingLevel == "MEDIUM" || read.thinkingLevel == "HIGH"
        profile = profiles.profile(for: read.model)
        remakeTerms()

        offer(read, payload, into: &out)
        let edits = setupEdits(read, into: &out) + returnEdits
        if edits.isEmpty {
            setup.sent = passage.bytes(payload)
            passage.pass(into: &out)
        } else {
            send(payload, read, editedBy: edits, passage, at: now, into: &out)
        }
        phase = .settingUp
        line.state = .settingUp(until: now + policy.upstream.setup)
        out.note(.setUp(model: read.model, vad: read.isManualVAD ? .manual : .automatic))
    }

    private mutating func setupEdits(_ read: Setup, into out: inout Actions) -> [SetupEdit] {
        var edits: [SetupEdit] = []
        let mode = policy.turns.rules[.setupFields]
        if mode != .off {
            for path in harmfulFields(read) {
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

    /// Fields this model is known to die of, present in this setup.
    private func harmfulFields(_ read: Setup) -> [String] {
        var fields: [String] = []
        if read.handle == .null || read.handle == .empty, profile.rejectsNullHandle {
            fields.append("sessionResumption.handle")
        }
        if read.hasTransparent, profile.rejectsTransparentOffVertex, !read.namesVertexModel {
            fields.append("sessionResumption.transparent")
        }
        return fields + profile.removedSetupFields.filter { read.has($0) }
    }

    private mutating func send(
        _ payload: Span<UInt8>, _ read: Setup, editedBy edits: [SetupEdit], _ passage: Passage,
        at now: Instant, into out: inout Actions
    ) {
        guard let edited = try? Setup.edit(payload, edits), !edited.touched.isEmpty else {
            setup.sent = passage.bytes(payload)
            return passage.pass(into: &out)
        }
        setup.resumptionInserted = edited.touched.contains("sessionResumption")
        setup.sent = edited.bytes
        let bytes = opening(edited.bytes, read, at: now, into: &out)
        out.append(.send(.gemini, bytes, passage.opcode))
    }

    /// A second setup on one client socket: the service ends the session, so it ends here, before
    /// the running one is harmed.
    mutating func refuseSetup(_ passage: Passage, into out: inout Actions) {
        let mode = policy.turns.rules[.secondSetup]
        if mode != .off { out.note(.ruleApplied(.secondSetup, mode, detail: .none)) }
        guard mode == .enforce else { return passage.pass(into: &out) }
        let reason = words("setup was already sent on this connection")
        end(.clientFault, client: Close(1007, reason), gemini: Close(1000), into: &out)
    }
}

extension Setup {
    /// A Vertex resource name; the Gemini API's own begin with `models/`.
    var namesVertexModel: Bool {
        model.hasPrefix("projects/") || model.hasPrefix("publishers/")
    }

    /// Whether a field of a profile's `removed_setup_fields` is present.
    func has(_ path: String) -> Bool {
        switch path {
        case "proactivity": hasProactivity
        case "generationConfig.enableAffectiveDialog": enablesAffectiveDialog
        case "generationConfig.thinkingConfig": hasThinkingConfig
        // Any other path is looked for, and named only if it was there, by the edit itself.
        default: true
        }
    }
}
