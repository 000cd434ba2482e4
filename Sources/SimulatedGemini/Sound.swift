import Basics

/// The properties of received PCM: enough to recognise it after any relay, without keeping it. Test
/// audio encodes its turn in the samples: value 1000 + n is turn n.
public struct Sound: Equatable, Sendable {
    /// A run of equal samples.
    public struct Run: Equatable, Sendable {
        public var value: Int16
        public var samples: Int
    }

    public private(set) var bytes = 0
    private var allBytes = FNV1a()
    /// Runs of equal samples, in order; only the first 256, which real speech exceeds at once.
    public private(set) var runs: [Run] = []
    /// Samples louder than background noise.
    public private(set) var voicedSamples = 0
    private var beginning = FNV1a()
    public private(set) var rate = 16_000

    private var fingerprinted = 0
    private var crossings = 0
    private var lastSample: Int16 = 0
    private var pendingByte: UInt8?

    public static let fingerprintLength = 800
    /// About -40 dB: above the hiss of a line, below quiet speech.
    public static let voicedAmplitude = 320
    private static let runLimit = 256

    public init() {}

    /// Over every byte, in order.
    public var hash: UInt64 { allBytes.value }

    /// Over the first `fingerprintLength` samples from the first loud one on.
    public var fingerprint: UInt64 { beginning.value }

    public var samples: Int { bytes / 2 }

    /// Duration in nanoseconds.
    public var nanoseconds: Int64 {
        Int64(samples) * 1_000_000_000 / Int64(max(rate, 1))
    }

    /// Turn numbers found in test audio, in order, without repetitions. Recorded speech is loud,
    /// too, but not steady.
    public var turns: [Int] {
        var found: [Int] = []
        for run in runs
        where run.value > 1000 && run.samples >= 40 && found.last != Int(run.value) - 1000 {
            found.append(Int(run.value) - 1000)
        }
        return found
    }

    /// Whether `fingerprint` is complete enough to compare.
    public var isRecognisable: Bool { fingerprinted == Sound.fingerprintLength }

    /// Loud, but not a voice: hiss changes its sign every other sample, speech every tenth.
    public var isNoise: Bool { voicedSamples > 0 && crossings * 3 > samples }

    public mutating func append(_ pcm: [UInt8], rate: Int = 16_000) {
        self.rate = rate
        bytes += pcm.count
        var index = 0
        if let low = pendingByte, let high = pcm.first {
            pendingByte = nil
            append(low: low, high: high)
            index = 1
        }
        while index + 1 < pcm.count {
            append(low: pcm[index], high: pcm[index + 1])
            index += 2
        }
        if index < pcm.count { pendingByte = pcm[index] }
    }

    private mutating func append(low: UInt8, high: UInt8) {
        allBytes.add(low)
        allBytes.add(high)
        let sample = Int16(bitPattern: UInt16(low) | UInt16(high) << 8)
        let isVoiced = sample.magnitude > Sound.voicedAmplitude
        if isVoiced { voicedSamples += 1 }
        if sample ^ lastSample < 0 { crossings += 1 }
        lastSample = sample
        if fingerprinted < Sound.fingerprintLength, isVoiced || fingerprinted > 0 {
            fingerprinted += 1
            beginning.add(low)
            beginning.add(high)
        }
        if let last = runs.last, last.value == sample {
            runs[runs.count - 1].samples += 1
        } else if runs.count < Sound.runLimit {
            runs.append(Run(value: sample, samples: 1))
        }
    }
}
