import CSpeech
public import SimulatedGemini

extension Voice {
    /// Audible speech, compiled in. `nil` only if the archive is damaged, which a test excludes.
    public static let recorded: Voice? = {
        // SAFETY: turnkeeper_speech is a constant of that size for the life of the process.
        let archive = unsafe [UInt8](
            UnsafeBufferPointer(
                start: turnkeeper_speech(), count: turnkeeper_speech_size()))
        return Voice(archive: archive.span)
    }()
}
