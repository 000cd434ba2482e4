import Basics
import Wire

/// The conversation as gemini ought to know it, in order: what the client said, as messages while
/// they are unanswered and as words after that, and what gemini replied, as words. Which of it one
/// connection knows is the connection's `Knowledge`; what a new one must be told is a `Plan`.
///
/// *Answered* and *known* are different things. Answered: by a reply that ended whole, or that the
/// user interrupted; a reply that is cut answers nothing. Known: by a connection's memory. Saying
/// something again adds nothing here, it marks the same entries in the new memory.
struct Journal {
    /// Position of an entry: counts everything said by anybody since the session began.
    typealias ID = Int

    enum Kind: UInt8, Sendable {
        case start, sound, picture, text, end, content, result, other

        /// The user's own words: what asks, but for the results of tools.
        var asks: Bool {
            switch self {
            case .sound, .text, .content: true
            case .start, .end, .picture, .result, .other: false
            }
        }

        /// Part of an activity: meaningless without its boundaries.
        var isPartOfActivity: Bool {
            switch self {
            case .start, .sound, .picture, .end: true
            case .text, .content, .result, .other: false
            }
        }
    }

    /// How much is kept.
    struct Bounds: Equatable, Sendable {
        /// All of it.
        var bytes = 0
        /// Sound nobody has answered.
        var sound = Interval.zero
        /// Messages are kept at all.
        var isKeeping = false
    }

    private(set) var kept = KeptMessages()
    var words = Words()
    /// Position of the next entry.
    private(set) var end: ID = 0
    /// Everything before it belongs to what the user has asked.
    private(set) var asked: ID = 0
    /// Where the reply under way began, or the last one: what was said before, it answers.
    private(set) var reply: ID = 0
    /// Before it nothing is left that may be dropped.
    private var cursor: ID = 0
    private var audio = Interval.zero
    /// Sound that is no silence, since the last answer.
    private(set) var voiced = Interval.zero
    private(set) var voicedAlone = Interval.zero
    private(set) var lastVoiced: Instant?
    private var lastVoicedID: ID?
    /// Unanswered sound that was there and is not any more.
    private(set) var dropped = Interval.zero
    /// The same of what was written, or given as a result.
    private(set) var hasDroppedWords = false
    /// Answered sound that was never transcribed, by its last entry: it cannot be told.
    private var untold: [(id: ID, audio: Interval)] = []
    private var flushes = Flushes()

    /// Bytes kept.
    var size: Int { kept.size + words.size }
    /// Nothing is unanswered.
    var isEmpty: Bool { kept.isEmpty }

    // MARK: The client

    /// Keeps a copy of a message that gemini is sent.
    mutating func said(
        _ message: ClientMessage, _ payload: Span<UInt8>, _ opcode: Opcode, _ bounds: Bounds
    ) -> ID {
        let id = end
        end += 1
        guard bounds.isKeeping, let kind = Kind(message) else { return id }
        if kind == .picture { replacePicture() }
        kept.append(payload, id: id, kind: kind, opcode: opcode, audio: message.audioDuration)
        audio = audio + message.audioDuration
        if flushes.isPending { flushes.heard(message.audioDuration, words: words.asked) }
        shrink(to: bounds)
        return id
    }

    /// Something of ours that is no part of the conversation, but counted by gemini.
    mutating func saidAside() -> ID {
        defer { end += 1 }
        return end
    }

    /// The user was heard; `isAlone`: while no reply was played.
    mutating func heardVoice(_ length: Interval, isAlone: Bool, at now: Instant) {
        // Nobody misses the silence before it.
        if voiced == .zero { dropped = .zero }
        voiced = voiced + length
        if isAlone { voicedAlone = voicedAlone + length }
        lastVoiced = now
        lastVoicedID = end
    }

    /// The user spoke on after what they had asked; saying it again is no speech of theirs.
    var isVoicedSinceAsked: Bool { lastVoicedID.map { $0 > asked } ?? false }

    /// The new connection hears it only now.
    mutating func voiceSaidAgain(at now: Instant) { if voiced > .zero { lastVoiced = now } }

    /// The user's turn is complete, or the model took it for complete.
    mutating func markAsked() { asked = end }

    /// The activity was ended and begun again, so that its words come.
    mutating func flushed() { flushes.flushed(at: end) }

    /// Gemini's words of what the user said, or the user's own.
    mutating func transcribed(_ range: ByteRange, _ payload: Span<UInt8>, isManual: Bool) {
        let id = (isManual ? (end > asked && asked > reply ? end : asked) : lastVoicedID ?? end) - 1
        if let last = untold.last, id <= last.id { untold.removeLast() }
        words.say(.user, range, payload, at: max(id, 0))
    }

    mutating func typed(_ range: ByteRange, _ payload: Span<UInt8>) {
        words.say(.user, range, payload, at: max(end - 1, 0))
    }

    mutating func quoted(
        content: ByteRange, role: Words.Role, _ payload: Span<UInt8>, isHistory: Bool
    ) {
        words.quote(
            content: content, role: role, payload, at: max(end - 1, 0), isHistory: isHistory)
    }

    // MARK: Gemini

    /// The model begins to speak, or goes on after a result.
    mutating func replyBegan() {
        reply = end
        end += 1
    }

    /// - Parameter isAhead: its words come before its sound, so that it has not begun yet.
    mutating func replied(_ range: ByteRange, _ payload: Span<UInt8>, isAhead: Bool) {
        words.say(.model, range, payload, at: isAhead ? end : reply)
    }

    /// The reply ended whole, or the user interrupted it: what was said before it is answered.
    ///
    /// - Parameter ring: of the sound since then, how much is kept: in automatic detection nobody
    ///   has found a question in it.
    mutating func answered(ring: Interval?) {
        let sound = kept.entries.reduce(Interval.zero) { sum, entry in
            entry.id < reply && !entry.isGone ? sum + entry.audio : sum
        }
        if sound > .zero, !words.hasUnanswered(.user, before: reply) {
            untold.append((reply - 1, sound))
            if untold.count > 64 { untold.removeFirst() }
        }
        discard(before: reply)
        words.settle(through: reply)
        voiced = .zero
        voicedAlone = .zero
        dropped = .zero
        hasDroppedWords = false
        flushes = Flushes()
        guard let ring else { return }
        var index = kept.index(of: cursor)
        while index < kept.entries.count, audio > ring {
            drop(index)
            index += 1
        }
        kept.compact()
    }

    /// Nobody will answer any more: the turn was given up, or was no question.
    mutating func abandoned() {
        replyBegan()
        answered(ring: nil)
    }

    /// Gemini does not take what is unanswered, so that it is not told in other words either.
    mutating func refused() { words.dropUnanswered(.user) }

    /// The reply broke off. What it said is no answer; `isGoneOnWith`: but its beginning.
    mutating func replyRestarted() { words.dropUnanswered(.model) }

    // MARK: Bounds

    private mutating func discard(before id: ID) {
        let limit = kept.index(of: id)
        let first = activity(around: limit)
        guard limit > 0 else { return }
        for index in 0..<limit
        where index < first || !kept.entries[index].kind.isPartOfActivity {
            drop(index)
        }
        kept.compact()
    }

    /// Where the activity begins that goes on at `index`: it is kept whole, or what follows would be
    /// bare. `index` itself, where nobody speaks then.
    func activity(around index: Int) -> Int {
        let boundary = kept.entries[..<index].lastIndex { $0.kind == .start || $0.kind == .end }
        guard let boundary, kept.entries[boundary].kind == .start else { return index }
        return boundary
    }

    /// The oldest sound goes first.
    mutating func shrink(to bounds: Bounds) {
        guard audio > bounds.sound || size > bounds.bytes else { return }
        if size > bounds.bytes { kept.decode() }
        var index = kept.index(of: cursor)
        while index < kept.entries.count, audio > bounds.sound || size > bounds.bytes {
            let kind = kept.entries[index].kind
            if kind == .sound || kind == .picture {
                dropped = dropped + kept.entries[index].audio
                drop(index)
            }
            cursor = kept.entries[index].id + 1
            index += 1
        }
        if size > bounds.bytes { words.shrink(to: max(0, bounds.bytes - kept.size)) }
        if size > bounds.bytes { dropOldest(to: bounds) }
    }

    /// What is neither seen nor heard goes last: boundaries without their sound, then what was
    /// written. The activity that is open keeps its start, or what follows would be bare.
    private mutating func dropOldest(to bounds: Bounds) {
        let open = activity(around: kept.entries.count)
        for index in 0..<open where size > bounds.bytes {
            let entry = kept.entries[index]
            if !entry.isGone, !entry.kind.isPartOfActivity { hasDroppedWords = true }
            drop(index)
            // Whole activities only.
            if entry.kind == .start {
                var end = index + 1
                while end < open, kept.entries[end].kind != .end, kept.entries[end].kind != .start {
                    if kept.entries[end].kind == .text { hasDroppedWords = true }
                    drop(end)
                    end += 1
                }
                if end < open, kept.entries[end].kind == .end { drop(end) }
            }
        }
        kept.compact()
    }

    /// Of what is seen, only the newest is worth showing again.
    private mutating func replacePicture() {
        guard let index = kept.entries.lastIndex(where: { $0.kind == .picture }) else { return }
        drop(index)
    }

    private mutating func drop(_ index: Int) {
        guard !kept.entries[index].isGone else { return }
        audio = audio - kept.entries[index].audio
        kept.drop(index)
    }

    // MARK: Questions to it

    /// Whether anybody can be heard in what is unanswered; `true` too where sound had to be dropped,
    /// and where there is none.
    var isVoiced: Bool {
        guard dropped == .zero, audio > .zero else { return true }
        return kept.entries.contains(where: isVoiced)
    }

    func isVoiced(_ entry: KeptMessages.Entry) -> Bool {
        guard entry.audio > .zero, !entry.isGone else { return false }
        let message = kept.message(entry)
        guard let scanned = try? ClientMessage.scan(message.span) else { return true }
        return Loudness.ofPCM16(base64: message.span, scanned.audio).peak >= Self.voice
    }

    /// About -36 dB of full scale: above the noise of a room, below a quiet voice.
    static let voice: Int32 = 500

    func kind(of id: ID) -> Kind? {
        let index = kept.index(of: id)
        guard index < kept.entries.count, kept.entries[index].id == id else { return nil }
        return kept.entries[index].kind
    }

    func kinds(of ids: [ID]) -> [Kind] { ids.compactMap(kind(of:)) }

    func sound(of ids: [ID]) -> Interval {
        ids.reduce(.zero) { sum, id in
            let index = kept.index(of: id)
            guard index < kept.entries.count, kept.entries[index].id == id else { return sum }
            return sum + kept.entries[index].audio
        }
    }

    /// The question in the user's own writing.
    var typedQuestion: String? {
        let text = words.question
        return text.isEmpty ? nil : text
    }

    /// Answered sound that no words stand for and that the memory does not have.
    func lost(to memory: Knowledge) -> Interval {
        untold.reduce(.zero) { sum, gap in
            memory.known.contains(gap.id) ? sum : sum + gap.audio
        }
    }

    /// How far the words that are known reach into the question, and how long they are, for the
    /// last flush that leaves no more than `bound` of sound after it.
    func transcribedPart(leaving bound: Interval) -> (id: ID, length: Int)? {
        for mark in flushes.marks {
            let rest = kept.entries[kept.index(of: mark.id)...].reduce(Interval.zero) {
                $0 + $1.audio
            }
            if rest <= bound { return mark }
        }
        return flushes.marks.last
    }
}

/// Up to where the words of a long question are known.
private struct Flushes {
    private(set) var marks: [(id: Journal.ID, length: Int)] = []
    private var pending: (id: Journal.ID, heard: Interval)?

    /// Words come this much later than their sound.
    private static let delay = Interval.milliseconds(1500)
    private static let limit = 256

    var isPending: Bool { pending != nil }

    mutating func flushed(at id: Journal.ID) { pending = (id, .zero) }

    mutating func heard(_ audio: Interval, words: Int) {
        guard let flush = pending else { return }
        pending = (flush.id, flush.heard + audio)
        guard flush.heard + audio >= Self.delay, marks.count < Self.limit else { return }
        marks.append((flush.id, words))
        pending = nil
    }
}

extension Journal.Kind {
    /// `nil` for what needs not be kept: history and context are told in their own ways.
    init?(_ message: ClientMessage) {
        if message.members.contains(.realtimeInput) {
            let input = message.input
            if input.contains(.activityStart) {
                self = .start
            } else if input.contains(.activityEnd) {
                self = .end
            } else if input.contains(.audio) {
                self = .sound
            } else if input.contains(.video) {
                self = .picture
            } else if input.contains(.text) {
                self = .text
            } else {
                self = .other
            }
        } else if message.members.contains(.clientContent) {
            guard message.turnComplete else { return nil }
            self = .content
        } else if message.members.contains(.toolResponse) {
            self = .result
        } else if message.members.contains(.contextUpdate) {
            return nil
        } else {
            self = .other
        }
    }
}
