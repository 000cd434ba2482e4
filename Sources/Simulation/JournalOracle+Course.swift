import Basics
import Sessions

extension JournalOracle {
    enum Fate { case open, answered, unclear }

    func fate(_ question: Question, before end: Int) -> Fate {
        var course = Course(of: question, in: self)
        for index in 0..<end { course.follow(log[index], index) }
        return course.fate
    }

    static func begins(_ text: String) -> Bool {
        text.mentions("activityStart") || text.mentions("activity_start")
    }

    static func ends(_ text: String) -> Bool {
        text.mentions("activityEnd") || text.mentions("activity_end")
    }

    fileprivate static func endsStream(_ text: String) -> Bool {
        text.mentions("audioStreamEnd") || text.mentions("audio_stream_end")
    }

    /// What becomes of one question, read from the log.
    ///
    /// Answered: by a reply that ended whole, or that the user interrupted, on the connection that
    /// was asked last. A complete reply without words may be a legal silence.
    private struct Course {
        private let oracle: JournalOracle
        private let question: Question
        private(set) var fate = Fate.open
        private var asked: (link: ConnectionID, at: Instant)?
        private var isOver = false
        private var hasOutput = false
        private var mayHaveOutput = false
        /// What a result leads to is part of the answer, and the turn may end at its call before.
        private var isCalling = false
        private var isAtCall = false
        /// The user has, since; and was told that this interrupted.
        private var hasGoneOn = false
        private var wasInterrupted = false
        /// A result was given in the middle of a sentence, whose end answers nothing.
        private var inSentence: Instant?
        /// Something was asked there before, or is being answered, and is not over.
        private var isBehind = false
        /// The activity it is in is not ended.
        private var isUnended = false

        /// What was asked last, of whatever question, and whether it had output before.
        private var last: (question: Int, at: Instant, hadOutput: Bool)?
        /// The question that the open activity belongs to.
        private var open: Int?
        /// What was asked last was only a part of it: a reply to that answers nothing.
        private var goesOn = false
        /// In automatic detection: nothing came after a voice, so we ended or filled the stream.
        private var isStalled = false
        /// Something came that shows that the voice was over.
        private var isQuiet = false
        private var lastVoice = Instant(nanoseconds: 0)

        init(of question: Question, in oracle: JournalOracle) {
            self.question = question
            self.oracle = oracle
        }

        mutating func follow(_ entry: Entry, _ index: Int) {
            let now = oracle.times[index]
            switch entry {
            case .sent(let link, let stamp, let text): sent(link, stamp, text, index)
            case .output(let link): heard(link, now)
            case .ended(let link, let isMeant): ended(link, isMeant)
            case .called(let link):
                if asked?.link != link { isBehind = true }
                if asked?.link == link { (isCalling, isAtCall) = (true, true) }
            case .result(let link):
                guard link == asked?.link else { return }
                inSentence = hasOutput ? now : nil
                (isCalling, hasOutput) = (false, false)
                // Nor is what was said before it an answer to what is asked anew.
                last?.hadOutput = false
            case .interrupted(let link): interrupted(link)
            case .generated(let link, let isMeant):
                // Like an end: without words it may be a legal silence, or a short inaudible answer.
                let isSilence = (oracle.mayBeSilent || isMeant) && !isBehind
                if link == asked?.link, hasOutput || mayHaveOutput || isSilence, fate == .open {
                    fate = .unclear
                }
            case .lost(.question): if fate != .answered { fate = .unclear }
            case .said(let stamp):
                // Who asks something else has heard enough of a reply, whatever becomes of it.
                guard hasOutput || mayHaveOutput, !question.stamps.contains(stamp) else { return }
                let asks = oracle.isOfQuestion(stamp) || oracle.contents.contains(stamp)
                if fate == .open, asks { fate = .unclear }
            case .used: (isBehind, open, goesOn) = (false, nil, false)
            case .transcribed: (isQuiet, isStalled) = (true, false)
            case .opened, .ready, .closed, .handle, .lost(.context): break
            }
        }

        // MARK: Sent

        private mutating func sent(
            _ link: ConnectionID, _ stamp: Int?, _ text: String, _ index: Int
        ) {
            let now = oracle.times[index]
            if JournalOracle.ends(text) {
                // That asks what came before it.
                (isOver, isUnended) = (isOver && !isUnended, false)
                if let open { last = (open, now, hasOutput) }
                (open, goesOn) = (nil, false)
            }
            guard let stamp else { return sentOurs(link, text, now) }
            let owner = oracle.owner(of: stamp, text)
            if oracle.isManual {
                if let owner, text.isEmpty || JournalOracle.begins(text) { opens(owner, now) }
            } else {
                sounds(owner, stamp, text, index)
            }
            guard owner == question.number else {
                hasGoneOn = true
                guard owner != nil, asked?.link != link else { return }
                if oracle.isAsked(with: stamp, at: index, question, on: link) {
                    asked = (link, now)
                    hasOutput = false
                } else {
                    isBehind = true
                }
                return
            }
            // A voice that goes on is one utterance.
            let isSame = !oracle.isManual && asked.map { now - $0.at < Self.pause } ?? false
            // But not that of a reply which began in the middle of it.
            let isAnew = !isSame || hasOutput
            if asked?.link == link, !isUnended, isAnew, !JournalOracle.ends(text) {
                isBehind = isBehind || !isOver
            }
            let begins = text.isEmpty || JournalOracle.begins(text)
            isUnended = oracle.isManual && begins || isUnended
            asked = (link, now)
            (isOver, hasOutput, isCalling, isAtCall) = (false, false, false, false)
            (hasGoneOn, wasInterrupted) = (false, false)
            fate = .open
        }

        private mutating func sentOurs(_ link: ConnectionID, _ text: String, _ now: Instant) {
            if text.isEmpty || JournalOracle.endsStream(text) { isStalled = !isQuiet }
            guard asked?.link != link, oracle.isAsked(again: question, by: text, on: link) else {
                return
            }
            asked = (link, now)
            hasOutput = false
        }

        /// In manual detection a question goes on if its track comes back after its activity was
        /// ended for its silence, or if the next activity begins sooner than anybody interrupts.
        private mutating func opens(_ owner: Int, _ now: Instant) {
            if open == nil, let last {
                goesOn = last.question == owner || now - last.at < Self.breath
                if goesOn { hasOutput = last.hadOutput }
            }
            open = owner
        }

        /// In automatic detection a question goes on if the stream stalled within a voice.
        private mutating func sounds(_ owner: Int?, _ stamp: Int, _ text: String, _ index: Int) {
            let now = oracle.times[index]
            let isNew = oracle.firstSent[stamp] == index
            guard let owner, text.isEmpty else {
                if isNew, text.isEmpty || JournalOracle.endsStream(text) {
                    (isQuiet, isStalled) = (true, false)
                }
                return
            }
            if isNew, isStalled, now - lastVoice < Self.comeback {
                if let last { hasOutput = last.hadOutput }
                isBehind = isBehind || !isOver
            } else if owner != last?.question {
                last = (owner, now, hasOutput)
            }
            lastVoice = now
            if isNew { (isQuiet, isStalled) = (false, false) }
        }

        // MARK: Heard

        private mutating func heard(_ link: ConnectionID, _ now: Instant) {
            isOver = false
            // Before it is asked, an earlier one is being answered.
            if asked?.link != link || isUnended { isBehind = true }
            guard let asked, asked.link == link else { return }
            // It may be the rest of what the user cut short. In automatic detection nothing marks
            // where the answer to a voice begins, if what was asked before has no end.
            let isRest =
                oracle.isPatient || !oracle.isManual || now - asked.at <= Self.crossing
            let isTail = inSentence.map { now - $0 < Self.tail } ?? false
            if isUnended || isBehind && isRest || isTail || goesOn {
                mayHaveOutput = true
            } else {
                hasOutput = true
            }
        }

        private mutating func ended(_ link: ConnectionID, _ isMeant: Bool) {
            (isBehind, isOver) = (false, true)
            (isQuiet, isStalled) = (true, false)
            guard link == asked?.link, fate != .answered else { return }
            let isAnswer = hasOutput && !isCalling && !isAtCall
            let isSilence = isMeant || oracle.mayBeSilent || wasInterrupted
            if hasOutput || mayHaveOutput || isCalling || isAtCall || isSilence {
                fate = isAnswer ? .answered : .unclear
            }
            isAtCall = false
        }

        private mutating func interrupted(_ link: ConnectionID) {
            // Who went on before a word was said need not be answered.
            wasInterrupted = wasInterrupted || link == asked?.link && hasGoneOn
            isBehind = false
            guard link == asked?.link, fate != .answered else { return }
            if hasOutput || isCalling {
                fate = isCalling ? .unclear : .answered
            } else if wasInterrupted {
                fate = .unclear
            }
        }

        /// What was said before a barge-in may be under way for so long.
        private static let crossing = Interval.milliseconds(1500)
        /// Sooner than anybody interrupts an answer they have heard.
        private static let breath = Interval.milliseconds(1200)
        /// In automatic detection: shorter than any pause that ends an utterance.
        private static let pause = Interval.milliseconds(300)
        /// A stream that stalled is back by then.
        private static let comeback = Interval.seconds(5)
        /// And the end of a sentence, behind a result, for so long (failure catalogue 16.4).
        private static let tail = Interval.milliseconds(250)
    }
}
