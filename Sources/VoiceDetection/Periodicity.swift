/// Whether a stretch of audio repeats itself at the pitch of a voice. Vowels do, 66 to 400 times a
/// second; keys, doors, clicks, paper and breath do not, and a detector that only uses spectra
/// takes many of those for speech.
struct Periodicity {
    /// 60 ms at 8 kHz: the window that is compared, preceded by the longest period and more.
    private var past = [Float](repeating: 0, count: 480)

    private static let window = 240
    /// 400 Hz and 66 Hz, as periods at 8 kHz.
    private static let lags = 20...120
    /// Minimum squared correlation with the audio one period earlier. For many voices and noises,
    /// 0.5 to 0.7 separate them equally well.
    private static let least: Float = 0.36

    /// How much of the energy is in the change from sample to sample, at least: what has less is a tone
    /// below 110 Hz without overtones, from the mains or a thud. No voice is that dull.
    private static let brightness: Float = 0.008

    /// Adds 10 ms at 16 kHz.
    mutating func add(_ frame: [Int16]) {
        let fresh = frame.count / 2
        past.removeFirst(min(fresh, past.count))
        for index in 0..<fresh {
            past.append((Float(frame[2 * index]) + Float(frame[2 * index + 1])) / 2)
        }
    }

    /// Whether the newest 30 ms repeat the audio one period earlier. Only a peak counts: low
    /// frequencies resemble themselves at every small distance.
    var isVoice: Bool {
        let start = past.count - Self.window
        var energy: Float = 1
        for index in start..<past.count { energy += past[index] * past[index] }
        // Below -60 dB there is no speech.
        guard energy > Float(Self.window) * 32 * 32 else { return false }
        var change: Float = 0
        for index in start..<past.count {
            let step = past[index] - past[index - 1]
            change += step * step
        }
        guard change > energy * Self.brightness else { return false }
        var before: Float = 1
        for index in start..<past.count {
            let sample = past[index - Self.lags.lowerBound]
            before += sample * sample
        }
        var older: Float = 0
        var last: Float = 0
        for lag in Self.lags {
            var product: Float = 0
            for index in start..<past.count { product += past[index] * past[index - lag] }
            let likeness = product > 0 ? product * product / (energy * before) : 0
            if last >= Self.least, last > older, last >= likeness { return true }
            older = last
            last = likeness
            let leaving = past[past.count - 1 - lag]
            let entering = past[start - 1 - lag]
            before = max(1, before + entering * entering - leaving * leaving)
        }
        return false
    }
}
