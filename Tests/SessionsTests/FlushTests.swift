import Basics
import Testing
import Wire

@testable import Sessions

/// Failure catalogue 9.1: in long speech the activity is ended and begun again from time to time, at
/// the end of a pause if there is one. What the model says to half a sentence is hidden, and nothing
/// that it says to a whole one.
@Suite struct FlushTests {
    private static let interval = Interval.seconds(15)

    /// Hears 100 ms pieces of these loudnesses, and returns where it would flush, in milliseconds.
    private func dues(_ levels: [UInt16], extent: Voicing.Extent = .level) throws -> [Int] {
        var flush = Flush()
        var (found, heard) = ([Int](), Interval.zero)
        let pcm = [UInt8](repeating: 9, count: 3200)
        var message = try ClientMessage.scan(Compose.audio(pcm: pcm.span).span)
        var all = Interval.zero
        for level in levels {
            message.voicing = Voicing(extent, level: level)
            if flush.isDue(before: message, heard: heard, every: Self.interval) {
                found.append(Int(all.milliseconds))
                flush.flushed(at: .at(all.milliseconds))
                heard = .zero
            }
            heard = heard + message.audioDuration
            all = all + message.audioDuration
        }
        return found
    }

    /// Speech with a pause of half a second every so many pieces.
    private func speech(_ pieces: Int, pauseEvery: Int) -> [UInt16] {
        (0..<pieces).map { $0 % pauseEvery < 5 ? 20 : 3000 }
    }

    @Test("a flush is due in the first pause after its time, at the pause's end")
    func pauses() throws {
        let found = try dues(speech(600, pauseEvery: 40))
        #expect(found.count == 3)
        for (index, at) in found.enumerated() {
            let since = at - (index > 0 ? found[index - 1] : 0)
            #expect(since >= 15_000 && since <= 20_000)
            // Half a second after the pause began, which is a multiple of four seconds.
            #expect(at % 4000 == 500)
        }
    }

    @Test("without any pause it comes a little later, wherever that is; to silence it never comes")
    func noPauses() throws {
        let found = try dues(Array(repeating: 3000, count: 600))
        #expect(found == [18_000, 36_000, 54_000])
        // Speech that ended: a model that hears nothing more has nothing to say.
        let ended: [UInt16] = Array(repeating: 3000, count: 148) + Array(repeating: 0, count: 400)
        #expect(try dues(ended).isEmpty)
        // Sound to which nobody listened cannot be judged.
        let blind = try dues(Array(repeating: 0, count: 400), extent: .nothing)
        #expect(blind == [18_000, 36_000])
    }

    /// Whoever has finished, and whose client has yet to notice, has nothing more to say.
    @Test("the noise of a room is no speech, however long it lasts, and does not outlast a voice")
    func room() throws {
        let speech = [UInt16](repeating: 3000, count: 100)
        for level in [20, 60, 110, 180] as [UInt16] {
            let noise = (0..<400).map { level + UInt16($0 % 7) }
            #expect(try dues(speech + noise).isEmpty, "\(level)")
            if level <= 120 { #expect(try dues(noise).isEmpty, "\(level)") }
            // They do go on.
            #expect(try dues(speech + noise.prefix(80) + speech) == [18_000], "\(level)")
        }
        // A quiet voice is flushed like any other.
        #expect(try dues([UInt16](repeating: 150, count: 200)) == [18_000])
    }

    @Test("short speech is not flushed")
    func short() throws {
        #expect(try dues(speech(149, pauseEvery: 40)).isEmpty)
    }

    private static let output = [
        #"{"serverContent":{"modelTurn":{"parts":[{"text":"a"}]}}}"#,
        #"{"serverContent":{"generationComplete":true}}"#,
        #"{"serverContent":{"turnComplete":true}}"#,
        #"{"serverContent":{"interrupted":true}}"#,
        #"{"serverContent":{"outputTranscription":{"text":"a"}}}"#,
    ]
    private static let shown = [
        #"{"serverContent":{"inputTranscription":{"text":"a"}}}"#,
        #"{"toolCall":{"functionCalls":[{"id":"a","name":"f"}]}}"#,
        #"{"usageMetadata":{"totalTokenCount":3}}"#,
    ]

    @Test("I5: output is hidden only after a flush; transcripts, calls and usage never are")
    func byproducts() throws {
        for json in Self.output + Self.shown {
            let message = try FromGemini(json).message
            for isSpeaking in [true, false] {
                var flush = Flush()
                let isHidden = flush.isByproduct(message, isSpeaking: isSpeaking, at: .at(100))
                #expect(!isHidden, "\(json)")
            }
            var flush = Flush()
            flush.flushed(at: .at(0))
            let isHidden = flush.isByproduct(message, isSpeaking: true, at: .at(100))
            #expect(isHidden == Self.output.contains(json), "\(json)")
        }
    }

    @Test("I13: the answer to the whole question is shown from its first word, and so is its end")
    func answer() throws {
        let said = try Self.output.map { try FromGemini($0).message }
        var flush = Flush()
        flush.flushed(at: .at(0))
        // The half sentence's own turn, which is over before the user is.
        for message in [said[0], said[1], said[2]] {
            let isHidden = flush.isByproduct(message, isSpeaking: true, at: .at(500))
            #expect(isHidden)
        }
        for message in [said[0], said[4], said[1], said[2]] {
            let isHidden = flush.isByproduct(message, isSpeaking: false, at: .at(900))
            #expect(!isHidden)
        }
    }

    @Test("a half answer that goes on after the user's end is hidden to its end, for a moment")
    func halfAnswer() throws {
        let said = try Self.output.map { try FromGemini($0).message }
        var flush = Flush()
        flush.flushed(at: .at(0))
        let begins = flush.isByproduct(said[0], isSpeaking: true, at: .at(100))
        let goesOn = flush.isByproduct(said[0], isSpeaking: false, at: .at(1900))
        #expect(begins && goesOn)
        // Later it can only be the answer.
        let isLate = flush.isByproduct(said[0], isSpeaking: false, at: .at(2000))
        #expect(!isLate)
        let isAfter = flush.isByproduct(said[2], isSpeaking: false, at: .at(2100))
        #expect(!isAfter)
    }

    @Test("the end that a hidden interruption owes is awaited for a moment")
    func owedEnd() throws {
        let said = try Self.output.map { try FromGemini($0).message }
        var flush = Flush()
        flush.flushed(at: .at(0))
        var owes = [flush.owesEnd(at: .at(0))]
        _ = flush.isByproduct(said[0], isSpeaking: true, at: .at(100))
        _ = flush.isByproduct(said[3], isSpeaking: true, at: .at(200))
        owes += [flush.owesEnd(at: .at(1999)), flush.owesEnd(at: .at(2000))]
        _ = flush.isByproduct(said[2], isSpeaking: true, at: .at(300))
        owes.append(flush.owesEnd(at: .at(400)))
        #expect(owes == [false, true, false, false])
    }
}
