import Basics
import Testing

@testable import Sessions

/// Which of gemini's handles a new connection is opened with (I15; failure catalogue 2.1, 5.1, 5.9,
/// 5.12): the newest that predates the trouble, is young enough, and has not proved useless.
@Suite struct HandlesTests {
    private static let never = Instant.distantFuture

    private func handle(
        _ text: String, _ at: Int64, turn: Int, isComplete: Bool = true, hasOpenCall: Bool = false
    ) -> Handles.Kept {
        Handles.Kept(
            text: text, at: .at(at), turn: turn, isComplete: isComplete, hasOpenCall: hasOpenCall)
    }

    private func handles(_ all: Handles.Kept..., suspect: Instant? = nil) -> Handles {
        var handles = Handles()
        for handle in all { handles.keep(handle, suspect: suspect) }
        return handles
    }

    @Test("an update without a handle replaces nothing, nor does one of absurd length")
    func empty() {
        var handles = handles(handle("a", 0, turn: 1))
        for text in ["", String(repeating: "x", count: 1 << 20)] {
            handles.keep(handle(text, 10, turn: 2), suspect: nil)
        }
        #expect(handles.newest(before: Self.never, at: .at(20))?.text == "a")
        #expect(handles.size < 2000)
    }

    /// Trouble at any moment of a conversation of which every turn had two handles.
    @Test("the newest handle from before the trouble is used, for several turns back")
    func trouble() {
        var handles = Handles()
        for turn in 1...6 {
            let begin = Int64(turn) * 1000
            handles.keep(handle("early\(turn)", begin, turn: turn, isComplete: false), suspect: nil)
            handles.keep(handle("late\(turn)", begin + 500, turn: turn), suspect: nil)
        }
        for trouble in stride(from: Int64(0), to: 8000, by: 100) {
            let found = handles.newest(before: .at(trouble), at: .at(8000))
            // The last of a turn stands for the turn, and the last four are kept.
            let expected = (3...6).last { Int64($0) * 1000 + 500 < trouble }
            #expect(found?.text == expected.map { "late\($0)" }, "trouble at \(trouble)")
            #expect(handles.last(before: .at(trouble)) == found)
        }
    }

    @Test("a handle that came after the trouble began does not push out the turn's earlier one")
    func suspect() {
        var handles = handles(handle("good", 1000, turn: 1))
        handles.keep(handle("bad", 3000, turn: 1), suspect: .at(2000))
        #expect(handles.newest(before: .at(2000), at: .at(4000))?.text == "good")
        // But a later one of the same kind does replace it.
        handles.keep(handle("worse", 3500, turn: 1), suspect: .at(2000))
        #expect(handles.newest(before: Self.never, at: .at(4000))?.text == "worse")
        #expect(handles.newest(before: .at(3200), at: .at(4000))?.text == "good")
    }

    @Test(
        "a handle that the service refused is gone; one that was useless twice is not tried first")
    func deaths() {
        var handles = handles(handle("a", 0, turn: 1), handle("b", 10, turn: 2))
        handles.failed("b", isDead: true)
        #expect(handles.newest(before: Self.never, at: .at(20))?.text == "a")
        handles.failed("a", isDead: false)
        #expect(handles.newest(before: Self.never, at: .at(20))?.text == "a")
        handles.failed("a", isDead: false)
        #expect(handles.newest(before: Self.never, at: .at(20)) == nil)
        // For a credential that opens no fresh session it is still the best there is.
        #expect(handles.living(at: .at(20))?.text == "a")
        handles.worked("a")
        #expect(handles.newest(before: Self.never, at: .at(20))?.text == "a")
        handles.failed("a", isDead: false)
        handles.failed("a", isDead: false)
        handles.forgive()
        #expect(handles.newest(before: Self.never, at: .at(20))?.text == "a")
        handles.failed("a", isDead: true)
        #expect(handles.isEmpty && handles.living(at: .at(20)) == nil && handles.size == 0)
    }

    @Test("the service forgets handles two hours after the last connection of theirs has ended")
    func age() {
        var handles = handles(handle("a", 0, turn: 1))
        let hour: Int64 = 3_600_000
        func isGood(at minutes: Int64) -> Bool {
            let now = Instant.at(3 * hour + minutes * 60_000)
            let isLiving = handles.living(at: now) != nil
            #expect((handles.newest(before: Self.never, at: now) != nil) == isLiving)
            return isLiving
        }
        // As long as its connection lives, whatever its age.
        #expect(isGood(at: 0) && isGood(at: 600))
        handles.connectionEnded(at: .at(3 * hour))
        #expect([0, 109, 111, 121].map(isGood) == [true, true, false, false])
        // Attempts that came to nothing change nothing.
        handles.connectionEnded(at: .at(4 * hour))
        #expect(!isGood(at: 111))
        handles.resumed(with: "b")
        #expect(!isGood(at: 111))
        handles.resumed(with: "a")
        #expect(isGood(at: 600))
        handles.connectionEnded(at: .at(5 * hour))
        #expect(isGood(at: 229) && !isGood(at: 231))
    }

    @Test("I8: a handle with an open call is the last choice, and its calls stay known")
    func openCalls() {
        var open = handle("open", 2000, turn: 2, isComplete: false, hasOpenCall: true)
        open.calls.insert(7)
        var handles = handles(handle("a", 1000, turn: 1))
        handles.keep(open, suspect: nil)
        #expect(handles.newest(before: Self.never, at: .at(3000))?.text == "a")
        #expect(handles.callsOpen == 7)
        #expect(handles.settled(before: nil)?.text == "a")
        // In the same turn it does not push out one without.
        handles.keep(handle("clear", 2100, turn: 2), suspect: nil)
        var again = open
        (again.text, again.at) = ("open again", .at(2200))
        handles.keep(again, suspect: nil)
        #expect(handles.newest(before: Self.never, at: .at(3000))?.text == "clear")
        // But it is better than none.
        let only = self.handles(open)
        #expect(only.newest(before: Self.never, at: .at(3000))?.text == "open")
        #expect(only.settled(before: nil) == nil)
    }

    @Test("I15: of a memory with a question that was answered since, the one from before is better")
    func openQuestion() {
        // It would answer the question of turn 2 again.
        let handles = handles(
            handle("end1", 1000, turn: 1), handle("middle2", 2000, turn: 2, isComplete: false),
            handle("end3", 3000, turn: 3))
        #expect(handles.newest(before: .at(2500), at: .at(4000))?.text == "end1")
        // While that is the question that waits, the newest it is.
        let waiting = self.handles(
            handle("end1", 1000, turn: 1), handle("middle2", 2000, turn: 2, isComplete: false))
        #expect(waiting.newest(before: Self.never, at: .at(4000))?.text == "middle2")
    }

    @Test("handles of the session that a fresh one replaced are no use to it")
    func fresh() {
        var handles = handles(handle("old", 1000, turn: 1), handle("new", 3000, turn: 2))
        handles.forget(before: .at(2000))
        #expect(handles.living(at: .at(4000))?.text == "new")
        handles.forget(before: .at(3000))
        #expect(handles.isEmpty)
    }

    @Test("I16: what they take is counted, and the oldest give way")
    func size() {
        var handles = Handles()
        for turn in 1...4 {
            let text = String(repeating: "\(turn)", count: 1000)
            handles.keep(handle(text, Int64(turn), turn: turn), suspect: nil)
        }
        let whole = handles.size
        #expect(whole >= 4000)
        handles.shrink(by: 0)
        #expect(handles.size == whole)
        handles.shrink(by: 1500)
        #expect(handles.size <= whole - 1500)
        #expect(handles.living(at: .at(10))?.text.first == "4")
        handles.shrink(by: .max / 2)
        #expect(handles.isEmpty && handles.size == 0)
    }
}
