import Admin
import Basics
import CLinux
import Glibc
import Recording

/// The sound of sessions, from their recordings: `/api/sessions/ID/sound` says where it is,
/// `/api/sessions/ID/sound.wav` is a window of it.
enum Sound {
    struct Window: Equatable {
        var from = 0.0
        var seconds = Double(Soundtrack.longestWindow)
        /// nil: both, the user to the left.
        var side: Soundtrack.Side?
    }

    /// No message is longer; longer lines have no sound.
    private static let longestLine = 32 << 20
    private static let piece = 1 << 20

    static func window(_ request: Request) -> Result<Window, Questions.Mistake> {
        var window = Window()
        for pair in request.query {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            switch (parts.first, parts.dropFirst().first) {
            case ("from", let text?):
                guard let number = Double(text), (0...1_000_000).contains(number) else {
                    return .failure(.init(message: "from is a number of seconds"))
                }
                window.from = number
            case ("seconds", let text?):
                guard let number = Double(text),
                    number > 0, number <= Double(Soundtrack.longestWindow)
                else {
                    return .failure(
                        .init(message: "seconds is a number up to \(Soundtrack.longestWindow)"))
                }
                window.seconds = number
            case ("side", "user"): window.side = .user
            case ("side", "gemini"): window.side = .gemini
            case ("side", "both"): window.side = nil
            case ("side", _):
                return .failure(.init(message: "side is user, gemini or both"))
            case (let name, _):
                return .failure(.init(message: "unknown parameter \(name ?? "")"))
            }
        }
        return .success(window)
    }

    /// Reads the recording of a session; nothing if there is none.
    static func read(_ session: String, in directory: String, into track: inout Soundtrack) {
        // Ids are ours; a ledger from elsewhere may name anything.
        guard session.utf8.allSatisfy({ isPlain($0) }) else { return }
        // SAFETY: the path is read during the call.
        let file = unsafe tk_open("\(directory)/\(session).jsonl")
        guard file >= 0 else { return }
        defer { tk_close(file, 0) }
        var line: [UInt8] = []
        var isTooLong = false
        var bytes = [UInt8](repeating: 0, count: piece)
        while !track.isComplete {
            // SAFETY: the array outlives the call, which writes within it.
            let count = unsafe bytes.withUnsafeMutableBytes {
                unsafe Glibc.read(file, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return }
            var rest = bytes[..<count]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                line += rest[..<end]
                if !isTooLong { track.add(line) }
                line.removeAll(keepingCapacity: true)
                isTooLong = false
                rest = rest[(end + 1)...]
            }
            line += rest
            if line.count > longestLine {
                line = []
                isTooLong = true
            }
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// `{"user":[[0.5,2.1]],"gemini":[]}`, in seconds since the session began.
    static func json(_ track: Soundtrack) -> [UInt8] {
        func list(_ side: Soundtrack.Side) -> String {
            track.spans[side.rawValue].map {
                "[\(Double(Int($0.lowerBound * 1000)) / 1000),\(Double(Int($0.upperBound * 1000)) / 1000)]"
            }.joined(separator: ",")
        }
        return Array("{\"user\":[\(list(.user))],\"gemini\":[\(list(.gemini))]}\n".utf8)
    }

    /// PCM of 16 bits.
    static func wav(_ track: Soundtrack, _ side: Soundtrack.Side?) -> [UInt8] {
        let sides = side.map { [$0] } ?? Soundtrack.Side.allCases
        let tracks = sides.map { track.samples[$0.rawValue] }
        let size = (tracks.first?.count ?? 0) * sides.count * 2
        var wav: [UInt8] = []
        wav.reserveCapacity(size + 44)
        func add(_ number: Int, bytes: Int) {
            for place in 0..<bytes { wav.append(UInt8(truncatingIfNeeded: number >> (8 * place))) }
        }
        wav += "RIFF".utf8
        add(36 + size, bytes: 4)
        wav += "WAVEfmt ".utf8
        add(16, bytes: 4)
        add(1, bytes: 2)
        add(sides.count, bytes: 2)
        add(Soundtrack.rate, bytes: 4)
        add(Soundtrack.rate * sides.count * 2, bytes: 4)
        add(sides.count * 2, bytes: 2)
        add(16, bytes: 2)
        wav += "data".utf8
        add(size, bytes: 4)
        for index in tracks[0].indices {
            for track in tracks { add(Int(track[index]), bytes: 2) }
        }
        return wav
    }
}
