/// What the service says, and which user utterances it recognises. A value, so that the machine
/// stays pure: the programs load recorded speech, simulations use tones of a few milliseconds.
public struct Voice: Sendable {
    /// A piece of speech: PCM, 16 bit, mono, little-endian.
    public struct Phrase: Equatable, Sendable {
        public var text: String
        public var pcm: [UInt8]

        public init(text: String, pcm: [UInt8]) {
            self.text = text
            self.pcm = pcm
        }
    }

    /// What the service may want to say; every voice must have each line.
    public enum Line: String, CaseIterable, Sendable {
        case greeting, answer, thinking, toolResult, sorry, capital, weather, story, goodbye
        case resumed
    }

    /// Spoken by the service, 24 kHz.
    public var lines: [Line: Phrase]
    /// "zero" ... "twenty", 24 kHz.
    public var numbers: [Phrase]
    /// Utterances of a user, 16 kHz: for demonstrations, and recognised when heard.
    public var user: [Phrase]

    public init(lines: [Line: Phrase], numbers: [Phrase], user: [Phrase]) {
        self.lines = lines
        self.numbers = numbers
        self.user = user
    }
}
