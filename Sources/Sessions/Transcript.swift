import Basics
import Wire

/// What was said so far, as text: what a fresh session is seeded with when no handle serves, and
/// what a greeting is recognised by. Kept as the JSON it came in, so that nothing is decoded for
/// the common case in which nobody asks.
struct Transcript {
    enum Role { case user, model }

    private struct Piece {
        var role: Role
        /// A whole `Content` of the client's, or the inside of a JSON string.
        var isContent: Bool
        var length: Int
    }

    private var pieces: [Piece] = []
    private var bytes: [UInt8] = []
    /// The first thing the model ever said.
    private(set) var greeting: [UInt8] = []
    private var isGreetingOver = false
    /// Answers that ended, as far as their words are known.
    private(set) var answers = 0
    private var isAnswering = false
    /// Pieces of questions that have been answered.
    private var settled = 0

    /// More than an hour of talk; the oldest goes first.
    private static let limit = 65_536

    var isEmpty: Bool { pieces.isEmpty }

    /// Adds to what the role is saying.
    mutating func say(_ role: Role, _ range: ByteRange, _ payload: Span<UInt8>) {
        let range = range.range.clamped(to: 0..<payload.count)
        guard !range.isEmpty else { return }
        add(Piece(role: role, isContent: false, length: range.count), payload.extracting(range))
        switch role {
        case .model:
            isAnswering = true
            if !isGreetingOver, greeting.count < 512 {
                Bytes.append(payload.extracting(range), to: &greeting)
            }
        case .user: if !greeting.isEmpty { isGreetingOver = true }
        }
    }

    /// A turn of the client's own making, as it wrote it.
    mutating func quote(content: ByteRange, role: Role, _ payload: Span<UInt8>) {
        let range = content.range.clamped(to: 0..<payload.count)
        guard !range.isEmpty else { return }
        if !greeting.isEmpty { isGreetingOver = true }
        add(Piece(role: role, isContent: true, length: range.count), payload.extracting(range))
    }

    /// What was asked has been answered, or is not asked any more.
    mutating func settle() { settled = pieces.count }

    /// Without the question that waits for its answer, and what was heard of that answer.
    var answered: Transcript {
        var answered = self
        answered.pieces.removeSubrange(settled...)
        answered.bytes.removeLast(pieces[settled...].reduce(0) { $0 + $1.length })
        return answered
    }

    /// The answer ended: a greeting is over.
    mutating func turnEnded() {
        if !greeting.isEmpty { isGreetingOver = true }
        if isAnswering { answers += 1 }
        isAnswering = false
    }

    private mutating func add(_ piece: Piece, _ text: Span<UInt8>) {
        if pieces.count > settled, let last = pieces.last, !last.isContent, !piece.isContent,
            last.role == piece.role
        {
            pieces[pieces.count - 1].length += piece.length
        } else {
            pieces.append(piece)
        }
        Bytes.append(text, to: &bytes)
        while bytes.count > Self.limit, pieces.count > 1 {
            bytes.removeFirst(pieces.removeFirst().length)
            settled = max(settled - 1, 0)
        }
    }

    /// `clientContent` with all of it, and `closing` as a last turn of the user's if there is
    /// something to add. `nil` where nothing was said.
    func seed(closing: String?, turnComplete: Bool) -> [UInt8]? {
        guard !pieces.isEmpty else { return nil }
        var out = Array(#"{"clientContent":{"turns":["#.utf8)
        var at = 0
        for (index, piece) in pieces.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            let text = bytes.span.extracting(at..<at + piece.length)
            at += piece.length
            if piece.isContent {
                Bytes.append(text, to: &out)
            } else {
                let role = piece.role == .user ? "user" : "model"
                out.append(contentsOf: #"{"role":"\#(role)","parts":[{"text":""#.utf8)
                Bytes.append(text, to: &out)
                out.append(contentsOf: #""}]}"#.utf8)
            }
        }
        if let closing {
            out.append(contentsOf: #",{"role":"user","parts":[{"text":"#.utf8)
            JSONText.append(closing, to: &out)
            out.append(contentsOf: "}]}".utf8)
        }
        out.append(contentsOf: #"],"turnComplete":\#(turnComplete)}}"#.utf8)
        return out
    }

    /// The same as one text, for families that take no contents in the middle of a session.
    var recap: String {
        var text = "(You lost the thread. So far, for you to remember, not to answer:"
        var at = 0
        for piece in pieces {
            let range = ByteRange(at, at + piece.length)
            at += piece.length
            if piece.isContent { continue }
            let words = JSONText.unescape(bytes.span, range, limit: 2000)
            text += piece.role == .user ? " User: \(words)" : " You: \(words)"
        }
        return text + ")"
    }

    /// All of it as lines: what the piece is in one letter, then its JSON. Read by `init(packed:)`.
    var packed: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count + 2 * pieces.count)
        var at = 0
        for piece in pieces {
            let letter: Character =
                switch (piece.role, piece.isContent) {
                case (.user, false): "u"
                case (.user, true): "U"
                case (.model, false): "m"
                case (.model, true): "M"
                }
            out += String(letter).utf8
            // Between the tokens of JSON a line's end is a blank; within strings there is none.
            for byte in bytes[at..<at + piece.length] {
                out.append(byte == UInt8(ascii: "\n") ? UInt8(ascii: " ") : byte)
            }
            out.append(UInt8(ascii: "\n"))
            at += piece.length
        }
        return out
    }

    init() {}

    /// Lines it does not know are left out.
    init(packed: Span<UInt8>) {
        var start = 0
        for at in 0..<packed.count where packed[at] == UInt8(ascii: "\n") {
            let line = packed.extracting(start..<at)
            start = at + 1
            guard line.count > 1 else { continue }
            let text = ByteRange(1, line.count)
            switch line[0] {
            case UInt8(ascii: "u"): say(.user, text, line)
            case UInt8(ascii: "U"): quote(content: text, role: .user, line)
            case UInt8(ascii: "m"): say(.model, text, line)
            case UInt8(ascii: "M"): quote(content: text, role: .model, line)
            default: continue
            }
        }
    }

    /// How many turns there are.
    var count: Int { pieces.count }

    /// The last words of the model, to go on from: decoded, at most `limit` characters.
    func lastWords(limit: Int) -> String {
        guard let last = pieces.last, last.role == .model, !last.isContent else { return "" }
        let text = JSONText.unescape(
            bytes.span, ByteRange(bytes.count - last.length, bytes.count))
        return String(text.suffix(limit))
    }

    /// Whether a reply is the conversation's greeting again, word for word: answers of one form
    /// ("this is answer number two") begin alike and are none.
    func isGreeting(_ reply: Span<UInt8>) -> Bool {
        guard isGreetingOver, greeting.count >= 24, reply.count >= 24 else { return false }
        var same = 0
        while same < greeting.count, same < reply.count, greeting[same] == reply[same] { same += 1 }
        return same * 20 >= max(greeting.count, reply.count) * 19
    }
}
