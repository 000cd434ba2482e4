import Basics
import Wire

@testable import Sessions
@testable import VoiceDetection

/// How a detector and the rule that asks it do on one sound, in frames of 20 ms.
struct Trial {
    var seconds = 0.0
    /// Share of frames with voice, of all and of those that are not quiet.
    var voiced = 0.0
    /// Milliseconds from the first sound to the proof; `nil` where there was none.
    var proofAfter: Int?
    /// Would not be swallowed, for proof or for doubt.
    var isKept = false

    struct Unavailable: Error {}

    static let proof = Interval.milliseconds(100)

    init(_ samples: [Int16], rate: Int) throws {
        guard var detector = VoiceDetector() else { throw Unavailable() }
        let size = rate / 50
        var proof = VoiceProof()
        var heardFrom: Int?
        var voicedMilliseconds = 0
        let frames = samples.count / size
        for number in 0..<frames {
            let frame = samples[number * size..<(number + 1) * size]
            if heardFrom == nil, frame.contains(where: { $0.magnitude > 700 }) {
                heardFrom = number * 20
            }
            let bytes = frame.flatMap { sample -> [UInt8] in
                let bits = UInt16(bitPattern: sample)
                return [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
            }
            guard let found = detector.listen(to: bytes.span, rate: rate) else {
                throw Unavailable()
            }
            voicedMilliseconds += found
            var message = ClientMessage()
            message.audioBytes = Int32(bytes.count)
            message.audioRate = Int32(rate)
            message.voicing = Voicing(.voice, voiced: UInt16(found))
            proof.observe(message)
            if proofAfter == nil, proof.reaches(Self.proof) {
                proofAfter = max(0, (number + 1) * 20 - (heardFrom ?? 0))
            }
        }
        isKept = proofAfter != nil || proof.isDoubtful(Self.proof)
        seconds = Double(frames) / 50
        voiced = frames == 0 ? 0 : Double(voicedMilliseconds) / Double(frames * 20)
    }
}
