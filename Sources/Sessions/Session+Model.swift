import Basics
import Policies
import Wire

// The model of the conversation: the requested one, the one it is pinned to, or a sibling.
extension Session {
    /// The client's setup: for which model, and whether the client may use it.
    mutating func takeSetup(
        _ outbound: OutboundMessage, payload: Span<UInt8>, at now: Instant, into out: inout Actions
    ) {
        guard setup.waiting == nil, returning.waiting == nil else {
            return refuseSetup(outbound, into: &out)
        }
        let size = outbound.footprint(payload)
        guard madeRoom(for: size) >= size else { return refuseLargeSetup(into: &out) }
        guard upstream.state == .bare else {
            // The connection was lost before it was of any use; the next one gets the setup.
            out.note(.ruleApplied(.earlyInput, .enforce, detail: .messages(1)))
            return keepSetup(outbound, payload: payload)
        }
        let read: Setup
        do {
            read = try Setup.read(payload)
        } catch {
            // The scanner accepted it, so the reader will; should they ever differ, gemini judges.
            phase = .settingUp
            upstream.state = .settingUp(until: .distantFuture)
            return uplink.passUnread(outbound, into: &out)
        }
        guard !read.isAmbiguous else { return refuse(Self.ambiguity, into: &out) }
        let model = policy.models.pinned(modelID(read.model))
        // Gemini would choose for a setup that names no model, and nothing but `*` allows that.
        guard model.isEmpty ? policy.models.serves("") : policy.serves(read.model) else {
            let isKnown = policy.models.serves(model)
            return refuseModel(isKnown ? read.model : model, into: &out)
        }
        if recalls(read, outbound, payload: payload, into: &out) { return }
        if isChoice(model, read) {
            keepSetup(outbound, payload: payload)
            return out.append(.choose(model: model))
        }
        sendSetup(outbound, read, for: model, payload: payload, at: now, into: &out)
    }

    private mutating func keepSetup(_ outbound: OutboundMessage, payload: Span<UInt8>) {
        setup.waiting = outbound.kept(payload)
    }

    /// Whether earlier sessions may have learned something about the model. A client's own handle
    /// belongs to the model it names.
    private func isChoice(_ model: String, _ read: Setup) -> Bool {
        policy.models.breaker != nil && !policy.models.named(for: model).isEmpty
            && !read.handle.isPresent
    }

    /// The shell's answer about the model, or its sibling, has arrived.
    mutating func chosen(_ model: String, at now: Instant, into out: inout Actions) {
        guard upstream.state == .bare, phase == .awaitingSetup, let waiting = setup.waiting,
            let kept = waiting.kept, let read = try? Setup.read(kept.span)
        else { return }
        setup.waiting = nil
        sendSetup(waiting, read, for: model, payload: kept.span, at: now, into: &out)
    }

    /// There is a connection for the client's setup again.
    mutating func releaseSetup(at now: Instant, into out: inout Actions) {
        guard let waiting = setup.waiting, let kept = waiting.kept else { return }
        setup.waiting = nil
        takeSetup(waiting, payload: kept.span, at: now, into: &out)
    }

    /// The characters kept of a refused model's name: more than any model has.
    private static let longestName = 64

    private mutating func refuseModel(_ model: String, into out: inout Actions) {
        // A close frame has room for 123 bytes. The dots also show that a credential was cut off.
        let shown = model.prefix(40) + (model.count > 40 ? "..." : "")
        let reason = words(
            model.isEmpty
                ? "models.allow needs a model in the setup" : "models.allow has no \(shown)")
        if !model.isEmpty {
            let id = modelID(model)
            out.note(
                .modelRefused(
                    id.prefix(Self.longestName) + (id.count > Self.longestName ? "..." : "")))
        }
        out.note(.limitReached(.model))
        end(.refused, client: Close(1008, reason), gemini: Close(1000), into: &out)
    }

    /// Replaces the model that `sent` names, in the client's spelling.
    mutating func name(_ model: String, in read: Setup) {
        let prefix = read.model.utf8.dropLast(modelID(read.model).utf8.count)
        setup.model = String(decoding: prefix, as: UTF8.self) + model
        setup.tried.append(model)
        setProfile(profile(of: setup.model))
        learned = nil
    }

    // MARK: Falling back

    /// The model to continue with if this one fails; none is tried twice.
    private var sibling: String? {
        guard policy.recovery.attempts > 0, canReturn,
            phase == .settingUp || policy.recovery.rebuild
        else { return nil }
        // The latest model's siblings come first, then the remaining ones of earlier models.
        for model in setup.tried.reversed() {
            let candidates =
                policy.models.fallback.map { $0[model] ?? [] } ?? standIns(for: model)
            if let next = candidates.first(where: { !setup.tried.contains($0) }) { return next }
        }
        return nil
    }

    /// The replacements that a model's profile names, unless the policy says otherwise: the policy
    /// must permit them, and the setup must mean the same to them.
    private func standIns(for model: String) -> [String] {
        // Profiles use the Gemini API's ids; Vertex has other models.
        guard !setup.isOnVertex, setup.respondsWithAudio else { return [] }
        let behavior = profile(of: model).toolBehavior
        return profile(of: model).fallback.filter { id in
            policy.models.allows(id)
                && (!setup.hasUndeclaredTools
                    || profile(of: id).toolBehavior == behavior)
        }
    }

    var hasSibling: Bool { sibling != nil }

    /// Continues with the sibling in a fresh session, because a handle belongs to its model. False
    /// if there is none. The connection is down.
    mutating func fallBack(at now: Instant, into out: inout Actions) -> Bool {
        guard let sibling, let read = try? Setup.read(setup.sent.span) else { return false }
        out.note(.fellBack(from: modelID(setup.model), to: sibling))
        let family = profile.family
        name(sibling, in: read)
        renewRules()
        let sent = setup.sent
        let edits =
            setupEdits(read, sent.span, for: family, into: &out) + [
                .setModel(setup.model), .remove("sessionResumption.handle"),
            ]
        if let edited = try? Setup.edit(setup.sent.span, edits) {
            if !read.hasSessionResumption, profile.resumes {
                setup.resumptionInserted = edited.touched.contains("sessionResumption")
            }
            setup.sent = edited.bytes
        }
        if phase == .settingUp, read.handle.isPresent { out.note(.contextLost(.zero)) }
        handles = Handles()
        context.startOver()
        recovery.startOver(at: now)
        dialNext(at: now, into: &out)
        return true
    }
}
