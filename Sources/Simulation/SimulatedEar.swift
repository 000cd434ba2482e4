import Basics
import Wire

/// What a shell would detect in a simulated client's audio: everything but silence is a voice.
enum SimulatedEar {
    static func listen(
        to message: ClientMessage, in bytes: [UInt8], _ extent: Voicing.Extent
    ) -> Voicing {
        guard extent > .nothing else { return Voicing() }
        let loudness = Loudness.ofPCM16(base64: bytes.span, message.audio)
        let length = UInt16(clamping: message.audioDuration.milliseconds)
        return Voicing(
            extent, voiced: loudness.peak > 500 ? length : 0, level: UInt16(clamping: loudness.rms))
    }
}
