import Basics
import Policies

/// What a new connection must be told so that it knows what the old one knew.
struct Plan: Equatable {
    /// How it begins: with the handle whose memory was consulted, or without one.
    enum Opening { case resume, fresh }

    var opening = Opening.fresh
    /// Messages to replay unchanged: unanswered and not known.
    var again: [Journal.ID] = []
    /// Silence that is not replayed with them.
    var skipped = Interval.zero
    /// The rest of a cut reply is requested instead: that asks for everything unanswered.
    var isAskedToGoOn = false
    /// Answered and not known: told at once, in a form that asks nothing.
    var told: [Words.Piece] = []
    /// The client's own history around a question that is sent again: told in its place.
    var between: [Words.Piece] = []
    /// The same as `told` if the family has no such form: told with the next question.
    var withNextQuestion: [Words.Piece] = []
    /// Answered audio without a transcript, and words that had to be dropped: they cannot be told.
    var lost = Interval.zero
    var isIncomplete = false
}

extension Journal {
    /// - Parameters:
    ///   - memory: The memory of the available handle; `nil` without a handle.
    ///   - isManual: The client marks where its activities begin and end.
    ///   - isAsking: A turn waits for its answer.
    ///   - mayRebuild: A fresh session may replace one that lacks too much.
    func plan(
        for memory: Knowledge?, family: Profile, isManual: Bool, isAsking: Bool, mayRebuild: Bool
    ) -> Plan {
        guard let memory else {
            return plan(
                for: Knowledge(), family: family, isManual: isManual, isAsking: isAsking)
        }
        var plan = plan(for: memory, family: family, isManual: isManual, isAsking: isAsking)
        plan.opening = .resume
        plan.isIncomplete = false
        guard !plan.told.isEmpty else { return plan }
        // If told again, a history that had arrived after all would be there twice.
        let mayKnowHistory = plan.told.contains { $0.isHistory && memory.unsure.contains($0.id) }
        if mayRebuild, mayKnowHistory || !family.takesSilentContext {
            // A model that is told everything is better than one that has forgotten its last words,
            // unless it would forget audio without a transcript instead.
            let fresh = self.plan(
                for: Knowledge(), family: family, isManual: isManual, isAsking: isAsking)
            if !isManual || fresh.lost <= plan.lost { return fresh }
        }
        guard !family.takesSilentContext else { return plan }
        plan.withNextQuestion = plan.told
        plan.told = []
        return plan
    }

    private func plan(
        for memory: Knowledge, family: Profile, isManual: Bool, isAsking: Bool
    ) -> Plan {
        var plan = Plan()
        plan.told = words.pieces.filter { piece in
            piece.isAnswered && !memory.known.contains(piece.id)
        }
        plan.lost = lost(to: memory)
        plan.isIncomplete = words.isIncomplete
        // In a quiet room nothing is worth replaying.
        if isManual || isAsking || voiced > .zero {
            plan.again = unanswered(beyond: memory)
            if !isManual { (plan.again, plan.skipped) = withoutLongPauses(plan.again) }
        }
        let asked = plan.again.first { kind(of: $0)?.asks ?? false }
        // What was written since the last reply begins a question that is still to be asked. A
        // family that takes it at any time may as well be told it with the rest.
        guard !family.rejectsClientContent, asked != nil || !family.takesSilentContext
        else { return plan }
        let first = asked ?? end
        // Text that the user wrote right before the question is part of it.
        let start = plan.told.lastIndex { $0.id < first && !($0.isHistory && $0.role == .user) }
        let begin = max(start.map { plan.told[$0].id + 1 } ?? 0, asked == nil ? reply + 1 : 0)
        // Entries that may have arrived are not told twice.
        let isBeside = { (piece: Words.Piece) in
            piece.isHistory && piece.id >= begin && !memory.unsure.contains(piece.id)
        }
        plan.between = plan.told.filter(isBeside)
        if !plan.between.isEmpty { plan.told.removeAll(where: isBeside) }
        return plan
    }

    /// Everything unanswered, except what the memory surely has and activities without content: an
    /// empty one closes the connection, and a silent one would interrupt the answer to earlier
    /// input. For the same reason a question that the user moved on from forms one activity with
    /// the next.
    func unanswered(beyond memory: Knowledge) -> [ID] {
        let entries = kept.entries
        guard let first = entries.firstIndex(where: { !$0.isGone && !memory.known.contains($0.id) })
        else { return [] }
        let firstID = entries[first].id
        var chosen: [KeptMessages.Entry] = []
        /// Where in `chosen` the last activity without voice starts.
        var start: Int?
        var hasSound = false
        var hasWords = false
        /// An activity that has begun is replayed whole.
        var isOpen = false
        let mayBeSilent = !isVoiced
        for (index, entry) in entries.enumerated().dropFirst(activity(around: first))
        where !entry.isGone && (entry.id >= firstID || entry.kind.isPartOfActivity) {
            if entry.id >= firstID, !isOpen, memory.known.contains(entry.id),
                entry.kind != .start || isKnown(activityFrom: index, memory)
            {
                continue
            }
            switch entry.kind {
            case .start:
                if isOpen { continue }
                isOpen = true
                start = chosen.count
                hasSound = false
                hasWords = false
            case .text, .picture: hasWords = true
            case .end:
                if entry.id < interrupted, isStarted(after: entry.id) { continue }
                isOpen = false
            case .sound, .content, .result, .other: break
            }
            if entry.audio > .zero {
                hasSound = true
                if start != nil, mayBeSilent || isVoiced(entry) { start = nil }
            }
            if entry.kind == .end, let first = start, !hasWords, !hasSound || !mayBeSilent {
                let rest = chosen[first...].filter { !$0.kind.isPartOfActivity }
                chosen.replaceSubrange(first..., with: rest)
                start = nil
                continue
            }
            chosen.append(entry)
        }
        return chosen.map(\.id)
    }

    /// No part of the activity that starts there would have to be sent again.
    private func isKnown(activityFrom start: Int, _ memory: Knowledge) -> Bool {
        for entry in kept.entries[(start + 1)...] {
            if entry.kind == .start { return true }
            if !entry.isGone, !memory.known.contains(entry.id) { return false }
            if entry.kind == .end { return true }
        }
        return true
    }

    private func isStarted(after id: ID) -> Bool {
        kept.entries[kept.index(of: id)...].contains { $0.kind == .start && !$0.isGone }
    }
}

extension Profile {
    /// Context in the middle of a session asks nothing. If history must end with a user turn, audio
    /// that follows does not recall it (failure catalogue 5.2).
    var takesSilentContext: Bool { !rejectsClientContent && contextForm == .initialHistory }
}
