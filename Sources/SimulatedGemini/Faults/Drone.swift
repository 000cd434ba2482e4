import Basics

/// Fourteen seconds of one loud tone, while the transcript stands still. Catalogue 7.9.
struct Drone: Fault {
    static let name = "drone"
    static let summary = "breaks into a long loud tone in the middle of an answer"
    static let occasions: Occasions = .reply

    private let length: Interval

    init(_ options: inout FaultOptions) throws(Complaint) {
        length = try options.interval("for", default: .seconds(14))
    }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("for", ["200ms"], &dice)
        return options
    }

    func concerns(_ reply: Reply) -> Bool { reply.hasSound }

    /// One period of 400 Hz at 24 kHz, as a square.
    private static let period: [UInt8] = (0..<60).flatMap { sample -> [UInt8] in
        sample < 30 ? [0x40, 0x5f] : [0xc0, 0xa0]
    }

    mutating func strike(_ reply: inout Reply) {
        guard let moment = reply.moment(0.5) else { return }
        let bytes = min(Int(length.milliseconds) * 48, 2_000_000)
        reply.delay(.milliseconds(Int64(bytes / 96)), from: moment + .milliseconds(1))
        // Two seconds of sound a second, in messages of 200 ms.
        for (index, start) in stride(from: 0, to: bytes, by: 9600).enumerated() {
            var tone = Draft()
            let count = min(9600, bytes - start) / Self.period.count
            tone.audio = ArraySlice((0..<count).flatMap { _ in Self.period })
            reply.add(tone, after: moment + .milliseconds(1 + 100 * Int64(index)))
        }
    }
}
