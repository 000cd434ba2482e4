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
                "fell_back", "setup_unanswered", "forgotten", "silent_run",
            ])
    }

    @Test(
        "a session does what its timeline has come to, and trouble hides it only until it ends",
        arguments: [
            ("", .connecting), ("no_such_word typed", .connecting), ("setup_completed", .idle),
            ("setup_completed turn_started first_text", .speaking),
            ("setup_completed turn_started stalled nudged", .stalled),
            ("setup_completed turn_started stalled first_audio turn_ended", .idle),
            // The turn has been answered when this is found.
            ("setup_completed turn_started first_audio turn_ended forgotten seeded", .idle),
            ("setup_completed turn_started first_audio turn_ended forgotten context_lost", .idle),
            ("setup_completed turn_started silent_run turn_ended", .idle),
            // Nothing is asked, so nothing is due once the connection is there.
            ("setup_completed reconnecting setup_completed reconnected", .idle),
            ("setup_completed reconnecting retrying rebuilt replayed", .idle),
            ("setup_completed setup_unanswered reconnecting reconnected", .idle),
            ("setup_completed activity_started reconnecting reconnected replayed", .listening),
            // An answer is.
            ("setup_completed turn_started reconnecting setup_completed", .recovering),
            ("setup_completed turn_started reconnecting reconnected replayed", .recovering),
            ("setup_completed turn_started reconnecting reconnected recovered", .speaking),
            ("setup_completed turn_started reconnecting tool_called recovered", .tool),
            ("setup_completed turn_started tool_called tool_cancelled", .thinking),
            ("setup_completed turn_started tool_called tool_answered", .thinking),
            ("setup_completed turn_started turn_ended tool_answered result_dropped", .idle),
            // What was said was no question; or the answer to an earlier one is still due.
            ("setup_completed activity_started empty_activity activity_ended", .idle),
            ("setup_completed turn_started activity_started activity_ended", .thinking),
            ("setup_completed turn_started first_audio activity_started turn_ended", .listening),
            ("setup_completed turn_started parked unparked", .thinking),
            ("setup_completed turn_started gave_up", .failing),
            ("setup_completed turn_started gave_up turn_ended", .idle),
            ("setup_completed turn_started gave_up ended", .ending),
        ] as [(String, SessionState)])
    func states(_ words: String, _ state: SessionState) {
        var progress = SessionProgress()
        for word in words.split(separator: " ") { progress.follow(String(word)) }
        #expect(progress.state == state)
    }
}
