import Basics
import Policies
import Testing
import Wire

@testable import Sessions

/// What a new connection must be told: every short conversation, every moment at which its handle may
/// have come, and every kind of family, against rules that are stated again here, naively.
@Suite struct JournalTests {
    /// One turn of a conversation.
    enum Turn: String, CaseIterable {
        /// Spoken, written down and answered.
        case answered = "a"
        /// The same, without a transcript.
        case unwritten = "n"
        case typed = "t"
        /// Spoken, and nothing came back.
        case waiting = "q"
        case typedWaiting = "x"
        /// The reply broke off.
        case cut = "c"
        /// An activity in which nobody speaks.
        case quiet = "z"
        /// Spoken in two activities, and answered; or not.
        case pieces = "p"
        case piecesWaiting = "w"

        var isAnswered: Bool { [.answered, .unwritten, .typed, .pieces].contains(self) }
        var isSpoken: Bool { self != .typed && self != .typedWaiting }
        var isVoiced: Bool { isSpoken && self != .quiet }
        /// The user's words are known as text.
        var hasWords: Bool { [.answered, .typed, .typedWaiting, .pieces].contains(self) }
        var activities: Int { self == .pieces || self == .piecesWaiting ? 2 : 1 }
    }

    /// A conversation as it goes, kept as a session keeps it.
    private struct Talk {
        var uplink = Uplink()
        let isManual: Bool
        /// Entries of each turn.
        private(set) var ids: [Range<Journal.ID>] = []
        private var out = Actions()
        private var now = Instant(nanoseconds: 0)

        init(isManual: Bool = true) {
            self.isManual = isManual
            uplink.bounds = Journal.Bounds(bytes: 1 << 20, sound: .seconds(60), isKeeping: true)
        }

        private static let loud = Compose.audio(
            pcm: [UInt8](repeating: 0x30, count: 640).span)
        private static let silent = Compose.silence(.milliseconds(20))

        private mutating func say(_ bytes: [UInt8]) { uplink.say(bytes, into: &out) }

        private func inside(_ words: String) -> (ByteRange, [UInt8]) {
            (ByteRange(0, words.utf8.count), Array(words.utf8))
        }

        mutating func play(_ turn: Turn) {
            let first = uplink.journal.end
            let number = ids.count
            now = now + .seconds(10)
            if turn.isSpoken {
                for _ in 0..<turn.activities { speak(turn) }
            } else {
                say(Compose.text("u\(number)"))
                let (range, bytes) = inside("u\(number)")
                uplink.journal.typed(range, bytes.span)
            }
            if isManual || turn != .quiet { uplink.journal.markAsked() }
            ids.append(first..<uplink.journal.end)
            if turn.isSpoken, turn.hasWords {
                let (range, bytes) = inside("u\(number)")
                uplink.journal.transcribed(range, bytes.span, isManual: isManual)
            }
            guard turn.isAnswered || turn == .cut else { return }
            uplink.replyBegan()
            let (range, bytes) = inside("m\(number)")
            uplink.journal.replied(range, bytes.span, isAhead: false)
            if turn.isAnswered { uplink.answered(ring: isManual ? nil : .seconds(2)) }
        }

        /// One activity; in automatic detection, one utterance.
        private mutating func speak(_ turn: Turn) {
            if isManual { say(Compose.activityStart) }
            say(turn.isVoiced ? Self.loud : Self.silent)
            if isManual { return say(Compose.activityEnd) }
            guard turn.isVoiced else { return uplink.journal.heardSilence(.milliseconds(20)) }
            uplink.journal.heardVoice(
                .milliseconds(20), isAlone: true, after: .milliseconds(400), at: now)
        }
    }

    /// Every conversation of up to three turns.
    static let conversations: [[Turn]] = {
        var all: [[Turn]] = []
        var last: [[Turn]] = [[]]
        for _ in 0..<3 {
            last = last.flatMap { turns in Turn.allCases.map { turns + [$0] } }
            all += last
        }
        return all
    }()

    private static func family(takesSilentContext: Bool) -> Profile {
        var family = Profile()
        family.contextForm = takesSilentContext ? .initialHistory : .userTurn
        return family
    }

    /// A later answer takes every question before it.
    private static func isAnswered(_ turns: ArraySlice<Turn>, _ index: Int) -> Bool {
        turns[index...].contains(where: \.isAnswered)
    }

    /// Its answer concerns questions without a transcript.
    private static func isUnwritten(_ turns: [Turn], _ index: Int) -> Bool {
        let group = turns[...index].suffix(
            from: (turns[..<index].lastIndex(where: \.isAnswered) ?? -1) + 1)
        return turns[index] == .unwritten && !group.contains(where: \.hasWords)
    }

    @Test(
        "every short conversation, from every handle, to every family",
        arguments: [true, false])
    func plans(isManual: Bool) {
        var rows = 0
        for turns in Self.conversations {
            for handle in 0...turns.count {
                var talk = Talk(isManual: isManual)
                var memory: Knowledge?
                for (index, turn) in turns.enumerated() {
                    if index == handle { memory = talk.uplink.memory }
                    talk.play(turn)
                }
                if handle == turns.count { memory = talk.uplink.memory }
                for isSilent in [true, false] {
                    for mayRebuild in [true, false] {
                        let plan = talk.uplink.journal.plan(
                            for: memory, family: Self.family(takesSilentContext: isSilent),
                            isManual: isManual, isAsking: true, mayRebuild: mayRebuild)
                        let name =
                            turns.map(\.rawValue).joined()
                            + " handle \(handle) silent \(isSilent) rebuild \(mayRebuild)"
                        check(
                            plan, turns, talk, handle, isSilent: isSilent,
                            mayRebuild: mayRebuild, name)
                        rows += 1
                    }
                }
            }
        }
        #expect(rows == 12_708)
    }

    private func check(
        _ plan: Plan, _ turns: [Turn], _ talk: Talk, _ handle: Int, isSilent: Bool,
        mayRebuild: Bool, _ name: String
    ) {
        let isAnswered = turns.indices.map { Self.isAnswered(turns[...], $0) }
        // What had ended whole when the handle came.
        let isKnown = turns.indices.map {
            $0 < handle && Self.isAnswered(turns[..<handle], $0)
        }
        let missing = turns.indices.filter { isAnswered[$0] && !isKnown[$0] }
        let hasWords = missing.contains {
            turns[$0].hasWords || turns[$0].isAnswered || turns[$0] == .cut
        }
        // A fresh session would forget what the handle knows without a transcript.
        let forgets =
            talk.isManual && turns.indices.contains { isKnown[$0] && Self.isUnwritten(turns, $0) }
        let isFresh = hasWords && !isSilent && mayRebuild && !forgets
        #expect(plan.opening == (isFresh ? .fresh : .resume), "\(name)")
        // Told at once where that asks nothing, or where the session is fresh.
        let told = plan.told.text
        let later = plan.withNextQuestion.text
        for index in turns.indices {
            let isTold = isAnswered[index] && (isFresh || !isKnown[index])
            let hasReply = turns[index].isAnswered || turns[index] == .cut
            let text = isFresh || isSilent ? told : later
            let other = isFresh || isSilent ? later : told
            #expect(text.contains("u\(index)") == (isTold && turns[index].hasWords), "\(name)")
            #expect(text.contains("m\(index)") == (isTold && hasReply), "\(name)")
            #expect(other.isEmpty, "\(name)")
        }
        // Unanswered input is replayed unchanged, except silent activities beside others: silence in
        // automatic detection is part of what surrounds it.
        let waiting = turns.indices.filter { !isAnswered[$0] }
        let hasVoice =
            waiting.contains { turns[$0].isVoiced } || !waiting.contains { turns[$0].isSpoken }
        let again = waiting.filter { turns[$0] != .quiet || !hasVoice || !talk.isManual }
        #expect(plan.again == again.flatMap { Array(talk.ids[$0]) }, "\(name)")
    }

    @Test("without a handle answered input is told, and unanswered input is replayed")
    func fresh() {
        for turns in Self.conversations {
            var talk = Talk()
            for turn in turns { talk.play(turn) }
            let plan = talk.uplink.journal.plan(
                for: nil, family: Self.family(takesSilentContext: false), isManual: true,
                isAsking: true, mayRebuild: true)
            #expect(plan.opening == .fresh)
            for index in turns.indices {
                let isTold = Self.isAnswered(turns[...], index)
                #expect(plan.told.text.contains("u\(index)") == (isTold && turns[index].hasWords))
            }
        }
    }

    @Test("answered audio without a transcript is reported as lost")
    func lost() {
        var talk = Talk()
        for turn in [Turn.unwritten, .answered, .unwritten] { talk.play(turn) }
        let plan = talk.uplink.journal.plan(
            for: nil, family: Self.family(takesSilentContext: true), isManual: true,
            isAsking: false, mayRebuild: true)
        #expect(plan.lost == .milliseconds(40))
    }

    @Test("so is a reply without a transcript, until its words come")
    func lostReply() {
        var uplink = Uplink()
        uplink.bounds = Journal.Bounds(bytes: 1 << 20, sound: .seconds(60), isKeeping: true)
        let family = Self.family(takesSilentContext: true)
        func lost(_ uplink: Uplink, to memory: Knowledge?) -> Interval {
            uplink.journal.plan(
                for: memory, family: family, isManual: true, isAsking: false, mayRebuild: true
            ).lost
        }
        let before = uplink.memory
        uplink.replyBegan()
        uplink.answered(ring: nil, spoken: .seconds(3))
        #expect(lost(uplink, to: nil) == .seconds(3))
        #expect(lost(uplink, to: before) == .seconds(3))
        #expect(lost(uplink, to: uplink.memory) == .zero)
        let words = Array("hello".utf8)
        uplink.journal.replied(ByteRange(0, words.count), words.span, isAhead: false)
        #expect(lost(uplink, to: nil) == .zero)
    }

    @Test("nothing is replayed of a room in which nobody speaks")
    func room() {
        for (voiced, isAsking) in [(false, false), (false, true), (true, false), (true, true)] {
            var uplink = Uplink()
            uplink.bounds = Journal.Bounds(bytes: 1 << 20, sound: .seconds(60), isKeeping: true)
            var out = Actions()
            uplink.say(Compose.silence(.milliseconds(20)), into: &out)
            if voiced {
                uplink.journal.heardVoice(
                    .milliseconds(20), isAlone: true, after: .seconds(1),
                    at: Instant(nanoseconds: 1))
            }
            let plan = uplink.journal.plan(
                for: Knowledge(), family: Self.family(takesSilentContext: true), isManual: false,
                isAsking: isAsking, mayRebuild: false)
            #expect(plan.again.isEmpty == !(voiced || isAsking))
        }
    }

    @Test("sets of positions agree with a set of numbers, at random")
    func sets() {
        var state: UInt64 = 1
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<300 {
            var set = IDSet()
            var model = Set<Int>()
            for _ in 0..<30 {
                let low = next(40) - 1
                switch next(3) {
                case 0:
                    set.insert(low)
                    model.insert(low)
                case 1:
                    let range = low..<low + next(6)
                    set.insert(range)
                    model.formUnion(range)
                default:
                    set.removeAll(below: low - 20)
                    model = model.filter { $0 >= low - 20 }
                }
                #expect((-5..<50).allSatisfy { set.contains($0) == model.contains($0) })
                #expect(
                    zip(set.ranges, set.ranges.dropFirst()).allSatisfy {
                        $0.upperBound < $1.lowerBound
                    })
            }
        }
    }
}

extension [Sessions.Words.Piece] {
    fileprivate var text: String {
        map { String(decoding: $0.text, as: UTF8.self) }.joined(separator: " ")
    }
}
