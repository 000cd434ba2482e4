import Basics
import Testing

@testable import Ledger

@Suite("The dictionary of timelines")
struct TimelineWordTests {
    @Test("every word has a name and a meaning of its own")
    func names() {
        let forms = TimelineWord.allCases.map(\.form)
        #expect(forms.map(\.word) == TimelineWord.allCases.map(\.rawValue))
        #expect(Set(forms.map(\.label)).count == forms.count)
        #expect(Set(forms.map(\.sentence)).count == forms.count)
        for form in forms {
            #expect(form.sentence.hasSuffix("."), "\(form.word)")
            #expect(form.label.first?.isUppercase == true, "\(form.word)")
        }
    }

    @Test("no two words are drawn alike: whoever sees a sign knows what it is")
    func signs() {
        let drawn = TimelineWord.allCases.map(\.form).filter {
            $0.glyph != .tick && $0.glyph != .none
        }
        let signs = drawn.map { "\($0.glyph) \($0.severity)" }
        #expect(Set(signs).count == signs.count, "\(signs.sorted())")
        #expect(TimelineWord.goAway.form.glyph != TimelineWord.fellBack.form.glyph)
    }

    @Test("trouble and remedies are seen, and a band that begins can end")
    func trouble() {
        let forms = TimelineWord.allCases.map(\.form)
        for form in forms where form.kind == .trouble || form.kind == .remedy {
            #expect(form.glyph != .tick && form.glyph != .none, "\(form.word)")
        }
        for band in TimelineEntryForm.Band.allCases {
            #expect(
                forms.contains { $0.begins == band } && forms.contains { $0.ends.contains(band) })
        }
        #expect(Set(TimelineEntryForm.Band.allCases) == Set(TimelineWord.ended.form.ends))
    }

    @Test("what a session counts is trouble or a remedy, in an order that files keep")
    func counted() {
        #expect(
            RemedyCount.words == [
                "stalled", "nudged", "reconnecting", "reconnect_failed", "reconnected", "replayed",
                "rebuilt", "context_lost", "reply_cut", "gave_up", "parked", "unparked",
                "fell_back",
            ])
    }

    @Test("an answer in text is an answer: the session no longer waits")
    func states() {
        #expect(SessionState(after: "first_text") == .speaking)
        #expect(SessionState(after: "typed") == nil)
        #expect(SessionState(after: "no such word") == nil)
    }
}
