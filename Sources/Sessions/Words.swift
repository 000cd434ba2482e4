import Basics
import Wire

/// The conversation so far, as text: for telling a connection that does not know it, and for
/// recognising a greeting. Kept as the JSON it came in, so that nothing is decoded in the common
/// case in which it is not needed.
struct Words {
    /// Stands for a reply of the model without a transcript.
    static let answer = "(I have answered this.)"

    enum Role: Sendable {
        case user, model

        /// As the wire has it.
        var name: String { self == .user ? "user" : "model" }
    }

    struct Piece: Equatable, Sendable {
        /// Its position in the journal.
        var id: Journal.ID
        var role: Role
        /// A whole `Content` of the client's, or the inside of a JSON string.
        var isContent: Bool
        /// Sent by the client as history, not to be answered.
        var isHistory = false
        /// What came of a call: not the user's words.
        var isResult = false
        var isAnswered: Bool
        var text: [UInt8]

        /// What it takes beside its text.
        static var weight: Int { Footprint.of(1, Piece.self) + Footprint.block }
    }

    /// In the order of the conversation.
    private(set) var pieces: [Piece] = []
    /// Bytes of text.
    private(set) var length = 0
    /// Bytes kept: a peer may write down one letter at a time.
    var size: Int {
        @inline(__always) get { length + pieces.count * Piece.weight }
    }
    /// Some of it had to be dropped.
    private(set) var isIncomplete = false
    /// The first words of the model, and what the user had said before them.
    private(set) var greeting: [UInt8] = []
    private var greeted: [UInt8] = []
    private var isGreetingOver = false
    private var answered = Words.recent
    /// Where the newest reply began: what the user said before it and what after are two pieces.
    var reply: Journal.ID = 0
    /// Where the user began to speak anew, or wrote: those words are not the end of what they said
    /// before.
    var utterance: Journal.ID = 0

    /// Before everything: where a reply began that never did.
    static let unspoken: Journal.ID = -3
    /// From an earlier session, and known to gemini's handle of it.
    static let earlier: Journal.ID = -2
    /// From an earlier session, and newer than that handle.
    static let recent: Journal.ID = -1

    /// More than an hour of speech; the oldest is dropped first.
    static let limit = 65_536
    /// No greeting is as long; the transcript of one may come at once.
    private static let longestGreeting = 4096
    /// Enough of a question to tell it from others.
    private static let longestGreeted = 512
    /// Of what came of a call: it may be a whole page, and the conversation has to be kept beside it.
    private static let longestResult = 4096

    var isEmpty: Bool { pieces.isEmpty }
    var count: Int { pieces.count }

    /// Appends to what the role is saying.
    /// - Returns: That has been answered already, or is part of such an answer.
    @discardableResult
    mutating func say(
        _ role: Role, _ range: ByteRange, _ payload: Span<UInt8>, at id: Journal.ID
    ) -> Bool {
        let range = range.range.clamped(to: 0..<payload.count)
        guard !range.isEmpty else { return false }
        add(role, payload.extracting(range), at: id, isContent: false, isHistory: false)
        switch role {
        case .model:
            if !isGreetingOver, greeting.count < 512 {
                if greeting.isEmpty { greeted = lastQuestion }
                let kept = range.prefix(Self.longestGreeting - greeting.count)
                Bytes.append(payload.extracting(kept), to: &greeting)
            }
        case .user: if !greeting.isEmpty { isGreetingOver = true }
        }
        return id <= answered
    }

    /// A turn written by the client, unchanged.
    mutating func quote(
        content: ByteRange, role: Role, _ payload: Span<UInt8>, at id: Journal.ID, isHistory: Bool
    ) {
        let range = content.range.clamped(to: 0..<payload.count)
        guard !range.isEmpty else { return }
        if !greeting.isEmpty { isGreetingOver = true }
        add(role, payload.extracting(range), at: id, isContent: true, isHistory: isHistory)
    }

    /// What came of a call, as a sentence. A family need not take results in a history.
    ///
    /// - Parameter isAnswered: The model has done without it.
    mutating func noteResult(
        _ sentence: String, hasParts: Bool, at id: Journal.ID, isAnswered: Bool
    ) {
        // A whole picture is too large to be kept with the words.
        if hasParts { isIncomplete = true }
        var turn = Array(#"{"role":"user","parts":[{"text":"#.utf8)
        let text = String(decoding: sentence.utf8.prefix(Self.longestResult), as: UTF8.self)
        JSONText.append("(\(text))", to: &turn)
        turn += Array("}]}".utf8)
        let place = (pieces.lastIndex { $0.id <= id } ?? -1) + 1
        pieces.insert(
            Piece(
                id: id, role: .user, isContent: true, isResult: true,
                isAnswered: isAnswered || id <= answered, text: turn), at: place)
        length += turn.count
        makeRoom()
    }

    private mutating func add(
        _ role: Role, _ text: Span<UInt8>, at id: Journal.ID, isContent: Bool, isHistory: Bool
    ) {
        // Late words are inserted where they belong.
        let place = (pieces.lastIndex { $0.id <= id } ?? -1) + 1
        let isAnswered = isHistory || id <= answered
        length += text.count
        if place > 0, !isContent, !pieces[place - 1].isContent, pieces[place - 1].role == role,
            pieces[place - 1].isAnswered == isAnswered,
            (pieces[place - 1].id < reply) == (id < reply)
        {
            let isApart = (pieces[place - 1].id < utterance) != (id < utterance) || id < 0
            if isApart, role == .user, pieces[place - 1].text.last != 0x20, text[0] != 0x20 {
                pieces[place - 1].text.append(0x20)
                length += 1
            }
            Bytes.append(text, to: &pieces[place - 1].text)
            pieces[place - 1].id = max(pieces[place - 1].id, id)
        } else {
            var piece = Piece(
                id: id, role: role, isContent: isContent, isHistory: isHistory,
                isAnswered: isAnswered, text: [])
            Bytes.append(text, to: &piece.text)
            pieces.insert(piece, at: place)
        }
        makeRoom()
    }

    /// Makes room for more than the next piece, because all that is left moves up.
    private mutating func makeRoom() {
        if length > Self.limit { dropOldest(length, to: Self.limit - Self.limit / 16, beside: 0) }
    }

    /// The oldest go until no more than this is kept.
    mutating func shrink(to bytes: Int) { dropOldest(size, to: bytes, beside: Piece.weight) }

    /// - Parameter weight: What each piece takes in `size` beside its text.
    private mutating func dropOldest(_ size: Int, to most: Int, beside weight: Int) {
        var (first, left) = (0, size)
        while left > most, first < pieces.count {
            left -= pieces[first].text.count + weight
            first += 1
        }
        guard first > 0 else { return }
        isIncomplete = true
        length -= pieces[..<first].reduce(0) { $0 + $1.text.count }
        pieces.removeFirst(first)
    }

    /// Everything up to `id` has been answered, or is the answer; so is what the model said up to
    /// `reply`, where its questions are not all said yet.
    mutating func settle(through id: Journal.ID, reply: Journal.ID? = nil) {
        answered = max(answered, id)
        for index in pieces.indices.reversed() {
            if pieces[index].isAnswered { continue }
            let last = pieces[index].role == .model ? reply ?? id : id
            if pieces[index].id <= last { pieces[index].isAnswered = true }
        }
        if !greeting.isEmpty { isGreetingOver = true }
    }

    mutating func dropUnanswered(_ role: Role) { drop { !$0.isAnswered && $0.role == role } }

    /// What was said there, by whomever.
    mutating func drop(at id: Journal.ID) { drop { $0.id == id && !$0.isResult } }

    private mutating func drop(_ isGone: (Piece) -> Bool) {
        pieces.removeAll { piece in
            guard isGone(piece) else { return false }
            length -= piece.text.count
            return true
        }
    }

    func hasUnanswered(_ role: Role, before id: Journal.ID) -> Bool {
        pieces.contains { !$0.isAnswered && !$0.isResult && $0.role == role && $0.id < id }
    }

    /// Length in bytes of the known words of the waiting question.
    var asked: Int {
        pieces.reduce(0) { sum, piece in
            piece.isAnswered || piece.role != .user || piece.isContent
                ? sum : sum + piece.text.count
        }
    }

    /// The first `length` of those bytes.
    func beginningOfQuestion(_ length: Int) -> [UInt8] {
        var text: [UInt8] = []
        for piece in pieces where !piece.isAnswered && piece.role == .user && !piece.isContent {
            text += piece.text
        }
        return Array(text.prefix(length))
    }

    /// The unanswered words, and what came of their answer.
    var unanswered: [Piece] { pieces.filter { !$0.isAnswered } }

    /// The words of the waiting question, decoded.
    var question: String { Self.decoded(beginningOfQuestion(.max)) }

    /// What the user wrote last without asking, decoded: a bare end of the turn asks it.
    var writtenLast: String {
        let first = pieces.lastIndex { !$0.isHistory || $0.role != .user }.map { $0 + 1 } ?? 0
        return pieces[first...].map { $0.words(limit: 2000) }.joined(separator: " ")
    }

    /// The words of the unfinished answer, decoded.
    var unfinishedReply: String { Self.decoded(unfinished) }

    private var unfinished: [UInt8] {
        pieces.reduce(into: []) { text, piece in
            if !piece.isAnswered, piece.role == .model, !piece.isContent { text += piece.text }
        }
    }

    private static func decoded(_ text: [UInt8]) -> String {
        JSONText.unescape(text.span, ByteRange(0, text.count))
    }

    /// The user's words that the current reply answers: their letters and digits, up to a limit.
    private var lastQuestion: [UInt8] {
        let all = pieces.filter { !$0.isAnswered && $0.role == .user && !$0.isResult }
        let words = all.reduce(into: "") { $0 += $1.words(limit: Self.longestGreeted) }
        let letters = words.lowercased().filter { $0.isLetter || $0.isNumber }
        return Array(letters.utf8.prefix(Self.longestGreeted))
    }

    /// Whether the current reply repeats the conversation's greeting word for word. Answers of one
    /// pattern ("this is answer number two") begin alike and are not greetings, nor is the answer
    /// to a question that is asked again.
    var isGreetedAgain: Bool {
        let reply = unfinished
        guard isGreetingOver, greeted.isEmpty || greeted != lastQuestion, greeting.count >= 24,
            reply.count >= 24
        else { return false }
        var same = 0
        while same < greeting.count, same < reply.count, greeting[same] == reply[same] { same += 1 }
        return same * 20 >= max(greeting.count, reply.count) * 19
    }
}

// MARK: Telling

extension [Words.Piece] {
    /// `clientContent` with all of it, and `closing` as a last turn if there is something to add.
    /// `nil` if nothing was said.
    func content(
        closing: String?, by closer: Words.Role = .user, turnComplete: Bool
    ) -> [UInt8]? {
        guard !isEmpty else { return nil }
        var out = [UInt8](#"{"clientContent":{"turns":["#.utf8)
        for (index, piece) in withAnswers.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            if piece.isContent {
                out += piece.text
            } else {
                out.append(contentsOf: #"{"role":"\#(piece.role.name)","parts":[{"text":""#.utf8)
                out += piece.text
                out.append(contentsOf: #""}]}"#.utf8)
            }
        }
        if let closing {
            out.append(contentsOf: #",{"role":"\#(closer.name)","parts":[{"text":"#.utf8)
            JSONText.append(closing, to: &out)
            out.append(contentsOf: "}]}".utf8)
        }
        out.append(contentsOf: #"],"turnComplete":\#(turnComplete)}}"#.utf8)
        return out
    }

    /// With a note in place of each answer without a transcript: a question that nothing follows
    /// asks again.
    fileprivate var withAnswers: [Words.Piece] {
        var all: [Words.Piece] = []
        var question: Words.Piece?
        for piece in self {
            if let asked = question, piece.role == .user, !piece.isResult, piece.id != asked.id {
                all.append(Words.Piece(answerTo: asked))
                question = nil
            }
            if piece.role == .model { question = nil }
            if piece.isAnsweredQuestion { question = piece }
            all.append(piece)
        }
        if let question { all.append(Words.Piece(answerTo: question)) }
        return all
    }

    /// Its last words are the user's.
    var isOpen: Bool { withAnswers.last?.role == .user }

    /// The same as one text, for families that accept no content in the middle of a session.
    var recap: String {
        var text = "(You lost the thread. So far, for you to remember, not to answer:"
        var isOpen = false
        for piece in withAnswers {
            let words = piece.words(limit: 2000)
            if words.isEmpty { continue }
            if piece.isResult {
                text += " \(words)"
                continue
            }
            isOpen = piece.role == .user
            text += isOpen ? " User: \(words)" : " You: \(words)"
        }
        // History that the user's words end may be taken for a question.
        if isOpen { text += " You: \(Words.answer)" }
        return text + ")"
    }
}

extension Words.Piece {
    fileprivate var isAnsweredQuestion: Bool {
        role == .user && isAnswered && !isHistory && !isResult
    }

    fileprivate init(answerTo question: Self) {
        self.init(
            id: question.id, role: .model, isContent: false, isAnswered: true,
            text: Array(Words.answer.utf8))
    }

    /// Decoded, at most `limit` bytes of UTF-8.
    fileprivate func words(limit: Int) -> String {
        let whole = ByteRange(0, text.count)
        guard isContent else { return JSONText.unescape(text.span, whole, limit: limit) }
        var turn = ContentTurn()
        turn.value = whole
        return ContentReader.text(of: turn, in: text.span, limit: limit)
    }
}

// MARK: Writing it down

extension Words {
    /// All of it as lines: the kind of piece in one letter, after a `+` where it was answered and
    /// gemini's handle does not know it, then its JSON. Read by `init(packed:)`.
    ///
    /// - Parameters:
    ///   - whole: Also what is unanswered, and what came of its answer.
    ///   - results: Also what came of calls.
    ///   - knowledge: That of the handle, if there is one.
    func packed(whole: Bool, results: Bool, knowledge: Knowledge?) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(length + 2 * pieces.count)
        let chosen = pieces.filter { (whole || $0.isAnswered) && (results || !$0.isResult) }
        for piece in chosen.withAnswers {
            let letter: Character =
                switch (piece.role, piece.isContent) {
                case (.user, false): "u"
                case (.user, true): "U"
                case (.model, false): "m"
                case (.model, true): "M"
                }
            // A question without an answer is not worth a session that remembers no sound.
            let isRecent = piece.isAnswered && knowledge?.known.contains(piece.id) == false
            if isRecent { out.append(UInt8(ascii: "+")) }
            out += String(letter).utf8
            // Between JSON tokens a line end is white space; strings contain none.
            for byte in piece.text {
                out.append(byte == UInt8(ascii: "\n") ? UInt8(ascii: " ") : byte)
            }
            out.append(UInt8(ascii: "\n"))
        }
        return out
    }

    /// Unknown lines are skipped.
    init(packed: Span<UInt8>) {
        var start = 0
        for at in 0..<packed.count where packed[at] == UInt8(ascii: "\n") {
            let isRecent = start < at && packed[start] == UInt8(ascii: "+")
            let line = packed.extracting((isRecent ? start + 1 : start)..<at)
            start = at + 1
            guard line.count > 1 else { continue }
            let text = ByteRange(1, line.count)
            let id = isRecent ? Self.recent : Self.earlier
            switch line[0] {
            case UInt8(ascii: "u"): say(.user, text, line, at: id)
            case UInt8(ascii: "U"): quote(content: text, role: .user, line, at: id, isHistory: true)
            case UInt8(ascii: "m"): say(.model, text, line, at: id)
            case UInt8(ascii: "M"):
                quote(content: text, role: .model, line, at: id, isHistory: true)
            default: continue
            }
        }
    }
}
