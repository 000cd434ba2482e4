import Basics

/// An answer of the right length in which nothing can be heard: zeros, or the faintest noise.
/// Catalogue 16.10.
struct SilentAudio: Fault {
    static let name = "silent-audio"
    static let summary = "sends an inaudible answer of full length"
    static let occasions: Occasions = .reply

    /// No sample is louder, of 32767.
    private let peak: Int

    init(_ options: inout FaultOptions) throws(Complaint) {
        peak = min(try options.count("peak", default: 0), 32_767)
    }

    func concerns(_ reply: Reply) -> Bool { reply.hasSound }

    static func draw(_ dice: inout SeededRandom) -> [FaultPlan.Option] {
        var options: [FaultPlan.Option] = []
        options.draw("peak", ["", "30", "60"], &dice)
        options.draw("attempts", ["1"], &dice)
        options.draw("nudges", ["", "1"], &dice)
        return options
    }

    mutating func strike(_ reply: inout Reply) {
        reply.change { draft in
            var muted = draft
            muted.audio = noise(draft.audio.count)
            return muted
        }
    }

    /// A sawtooth between the peaks, like quantization noise.
    private func noise(_ bytes: Int) -> ArraySlice<UInt8> {
        guard peak > 0 else { return ArraySlice([UInt8](repeating: 0, count: bytes)) }
        var pcm: [UInt8] = []
        pcm.reserveCapacity(bytes)
        for index in 0..<bytes / 2 {
            let sample = UInt16(bitPattern: Int16(index * 7 % (2 * peak + 1) - peak))
            pcm.append(UInt8(truncatingIfNeeded: sample))
            pcm.append(UInt8(truncatingIfNeeded: sample >> 8))
        }
        return ArraySlice(pcm)
    }
}
