import CVoiceDetection

/// Tells voice from noise in a stream of PCM: WebRTC's noise suppressor and detector, and of what
/// they take for speech only what has the period of a voice.
@safe public struct VoiceDetector: ~Copyable {
    private let detector: OpaquePointer
    private var periodicity = Periodicity()
    /// Samples at 16 kHz that do not fill a frame yet.
    private var frame: [Int16] = []
    /// Between the last sample taken and the one before it, where the next one at 16 kHz lies;
    /// 16,000ths of the distance.
    private var phase = 0
    private var last: Int16 = 0
    private var rate = 16_000

    private static let frameSize = Int(TK_DETECTOR_FRAME)
    /// What microphones are sampled at; beyond, a rate is more likely a mistake.
    public static let rates = 8_000...48_000

    /// `nil` where the library cannot be set up.
    public init?() {
        // SAFETY: owned by this value until deinit; used by one thread at a time, as a mutating
        // method demands.
        guard let detector = unsafe tk_detector_create() else { return nil }
        unsafe self.detector = detector
        frame.reserveCapacity(Self.frameSize)
    }

    deinit {
        // SAFETY: created by init, and nobody else has it.
        unsafe tk_detector_destroy(detector)
    }

    /// Takes the next samples, 16 bit little endian, and gives how many milliseconds of voice were
    /// in the frames they complete. `nil` where the rate is none of `rates` or the library failed.
    public mutating func listen(to pcm: Span<UInt8>, rate: Int) -> Int? {
        guard Self.rates.contains(rate) else { return nil }
        if rate != self.rate {
            self.rate = rate
            phase = 0
        }
        var voiced = 0
        var index = 0
        while index + 1 < pcm.count {
            let sample = Int16(bitPattern: UInt16(pcm[index]) | UInt16(pcm[index + 1]) << 8)
            index += 2
            // Straight lines between samples: good enough for an ear that needs no overtones.
            while phase < 16_000 {
                let value = Int(last) + (Int(sample) - Int(last)) * phase / 16_000
                guard let found = take(Int16(truncatingIfNeeded: value)) else { return nil }
                voiced += found
                phase += rate
            }
            phase -= 16_000
            last = sample
        }
        return voiced
    }

    private mutating func take(_ sample: Int16) -> Int? {
        frame.append(sample)
        guard frame.count == Self.frameSize else { return 0 }
        // SAFETY: the frame has the size the shim reads and writes, and stays in place meanwhile;
        // the detector is alive as long as self.
        let verdict = unsafe frame.withUnsafeMutableBufferPointer {
            unsafe tk_detector_process(detector, $0.baseAddress)
        }
        periodicity.take(frame)
        frame.removeAll(keepingCapacity: true)
        guard verdict >= 0 else { return nil }
        return verdict == 1 && periodicity.isVoice ? 10 : 0
    }
}
