import CVoiceDetection

/// Distinguishes voice from noise in a stream of PCM: WebRTC's noise suppressor and detector,
/// restricted to audio that has the period of a voice.
@safe public struct VoiceDetector: ~Copyable {
    private let detector: OpaquePointer
    private var periodicity = Periodicity()
    /// Samples at 16 kHz that do not yet fill a frame.
    private var frame: [Int16] = []
    /// The position of the next 16 kHz sample between the last input sample and the one before it,
    /// in 16,000ths of the distance.
    private var phase = 0
    private var last: Int16 = 0
    private var rate = 16_000

    private static let frameSize = Int(TK_DETECTOR_FRAME)
    /// Sample rates of microphones; a rate outside is more likely a mistake.
    public static let rates = 8_000...48_000

    /// `nil` if the library cannot be initialised.
    public init?() {
        // SAFETY: owned by this value until deinit; used by one thread at a time, as a mutating
        // method requires.
        guard let detector = unsafe tk_detector_create() else { return nil }
        unsafe self.detector = detector
        frame.reserveCapacity(Self.frameSize)
    }

    deinit {
        // SAFETY: created by init, and not shared.
        unsafe tk_detector_destroy(detector)
    }

    /// Adds samples, 16 bit little endian, and returns how many milliseconds of voice were in the
    /// frames they complete. `nil` if the rate is not in `rates` or the library failed.
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
            // Linear interpolation: good enough for a detector that does not need overtones.
            while phase < 16_000 {
                let value = Int(last) + (Int(sample) - Int(last)) * phase / 16_000
                guard let found = add(Int16(truncatingIfNeeded: value)) else { return nil }
                voiced += found
                phase += rate
            }
            phase -= 16_000
            last = sample
        }
        return voiced
    }

    private mutating func add(_ sample: Int16) -> Int? {
        frame.append(sample)
        guard frame.count == Self.frameSize else { return 0 }
        // SAFETY: the frame has the size that the shim reads and writes, and does not move
        // meanwhile; the detector lives as long as self.
        let verdict = unsafe frame.withUnsafeMutableBufferPointer {
            unsafe tk_detector_process(detector, $0.baseAddress)
        }
        periodicity.add(frame)
        frame.removeAll(keepingCapacity: true)
        guard verdict >= 0 else { return nil }
        return verdict == 1 && periodicity.isVoice ? 10 : 0
    }
}
