import Basics
import Wire

/// Words that are told along with the next question, and the entries of the journal they are about.
struct Preface {
    var words = ""
    var pieces = 0
    var ids: [Journal.ID] = []

    /// The message with all of it in front of its own words.
    func inFront(of text: ByteRange, in bytes: [UInt8]) -> [UInt8] {
        var words: [UInt8] = []
        JSONText.append(self.words + "\n\n", to: &words)
        var bytes = bytes
        bytes.insert(contentsOf: words.dropFirst().dropLast(), at: Int(text.lower))
        return bytes
    }
}
