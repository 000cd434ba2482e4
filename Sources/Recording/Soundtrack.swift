import Basics
import Wire

/// The sound of a recorded session: where it is on the session's time, and its samples in a window.
///
/// What a client sends was spoken when it was sent. What gemini sends arrives faster than it is
/// played, so that its pieces follow one another, until the user interrupts.
public struct Soundtrack: Sendable {
    public enum Side: Int, CaseIterable, Sendable { case user, gemini }

    /// Samples per second of both sides, whatever they were recorded at.
    public static let rate = 24_000
    /// A window is never longer.
    public static let longestWindow = 60

    /// Times with sound, in seconds since the session began; a pause of up to half a second does
    /// not interrupt one.
    public private(set) var spans: [[ClosedRange<Double>]] = [[], []]
    /// The window's samples, by side.
    public private(set) var samples: [[Int16]]
    /// Nothing of the window follows.
    public private(set) var isComplete = false

    private let window: Range<Double>?
    private var ends = [0.0, 0.0]

    /// Network jitter: pieces closer than this are continuous.
    private static let jitter = 0.1
    private static let pause = 0.5
    private static let mostSpans = 5000

    /// - Parameter window: Seconds whose samples are wanted; nil: none, only `spans`.
    public init(window: Range<Double>? = nil) {
        self.window = window.map {
            $0.lowerBound..<min($0.upperBound, $0.lowerBound + Double(Self.longestWindow))
        }
        let length = self.window.map { $0.upperBound - $0.lowerBound } ?? 0
        let count = Int((length * Double(Self.rate)).rounded())
        samples = Array(repeating: Array(repeating: 0, count: max(0, count)), count: 2)
    }

    /// One line of a recording, in order. Others than messages have no sound.
    public mutating func add(_ line: [UInt8]) {
        guard !isComplete, let whole = try? JSONPlaces.object(line.span),
            let members = try? JSONPlaces.members(line.span, whole)
        else { return }
        var at: Double?
        var side: Side?
        var message: ByteRange?
        for member in members {
            switch JSONText.unescape(line.span, member.key, limit: 16) {
            case "at":
                at = JSONPlaces.integer(line.span, member.value).map { Double($0) / 1e9 }
            case "event":
                switch JSONPlaces.string(line.span, member.value, limit: 16) {
                case "client": side = .user
                case "gemini": side = .gemini
                default: return
                }
            case "message": message = member.value
            default: break
            }
        }
        guard let at, let side, let message else { return }
        if let window, at >= window.upperBound {
            isComplete = true
            return
        }
        hear(line.span.extracting(message.range), of: side, at: at)
    }

    private mutating func hear(_ message: Span<UInt8>, of side: Side, at: Double) {
        switch side {
        case .user:
            guard let found = try? ClientMessage.scan(message) else { return }
            add(message, found.audio, found.audioBytes, found.audioRate, .user, at)
        case .gemini:
            guard let found = try? ServerMessage.scan(message) else { return }
            add(message, found.audio, found.audioBytes, found.audioRate, .gemini, at)
            if found.content.contains(.interrupted) { cut(at) }
        }
    }

    private mutating func add(
        _ message: Span<UInt8>, _ text: ByteRange, _ bytes: Int32, _ rate: Int32, _ side: Side,
        _ at: Double
    ) {
        guard bytes > 1, (4000...192_000).contains(rate) else { return }
        let last = ends[side.rawValue]
        let from = at - last < Self.jitter ? last : at
        let to = from + Double(bytes / 2) / Double(rate)
        ends[side.rawValue] = to
        note(from...to, side)
        guard let window, to > window.lowerBound, from < window.upperBound,
            let pcm = Base64.decode(message.extracting(text.range))
        else { return }
        mix(pcm, Double(rate), from - window.lowerBound, side)
    }

    private mutating func note(_ span: ClosedRange<Double>, _ side: Side) {
        if let last = spans[side.rawValue].last, span.lowerBound - last.upperBound < Self.pause {
            spans[side.rawValue][spans[side.rawValue].count - 1] = last.lowerBound...span.upperBound
        } else if spans[side.rawValue].count < Self.mostSpans {
            spans[side.rawValue].append(span)
        }
    }

    /// Resampled between neighbours.
    private mutating func mix(_ pcm: [UInt8], _ rate: Double, _ offset: Double, _ side: Side) {
        let count = pcm.count / 2
        let first = Int((offset * Double(Self.rate)).rounded())
        let length = Int(Double(count) / rate * Double(Self.rate))
        let step = rate / Double(Self.rate)
        func sample(_ index: Int) -> Double {
            let place = min(index, count - 1) * 2
            return Double(Int16(bitPattern: UInt16(pcm[place]) | UInt16(pcm[place + 1]) << 8))
        }
        for index in max(0, -first)..<max(max(0, -first), length) {
            let place = first + index
            if place >= samples[side.rawValue].count { break }
            let source = Double(index) * step
            let whole = Int(source)
            let share = source - Double(whole)
            samples[side.rawValue][place] = Int16(
                clamping: Int(sample(whole) * (1 - share) + sample(whole + 1) * share))
        }
    }

    /// The user interrupted: what was not played yet never was.
    private mutating func cut(_ at: Double) {
        let side = Side.gemini.rawValue
        guard ends[side] > at else { return }
        ends[side] = at
        while let last = spans[side].last, last.upperBound > at {
            spans[side].removeLast()
            if last.lowerBound < at { spans[side].append(last.lowerBound...at) }
        }
        guard let window else { return }
        let from = max(0, Int((at - window.lowerBound) * Double(Self.rate)))
        for place in min(from, samples[side].count)..<samples[side].count {
            samples[side][place] = 0
        }
    }
}
