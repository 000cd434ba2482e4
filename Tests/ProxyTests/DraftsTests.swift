import Basics
import Sharing
import Testing

@Suite("Conversations that wait to be written for other nodes")
struct DraftsTests {
    private func draft(_ digest: String, _ byte: UInt8, at second: Int64) -> Draft {
        Draft(
            digest: digest, generation: 1, session: "s", tenant: "acme", isOver: false,
            leavesPlace: false,
            bytes: [byte], since: Instant(nanoseconds: 0) + .seconds(second))
    }

    @Test("what replaces another has waited since that one has")
    func replaced() {
        var drafts = Drafts(room: 1 << 20)
        #expect(drafts.since == nil)
        drafts.add(draft("a", 1, at: 1))
        drafts.add(draft("b", 2, at: 2))
        drafts.add(draft("a", 3, at: 3))
        #expect(drafts.since == draft("a", 0, at: 1).since)
        #expect(drafts.dequeue(1) == [draft("a", 3, at: 1)])
        #expect(drafts.since == draft("b", 0, at: 2).since)
    }

    @Test("what could not be written waits before all others, and since it did before")
    func putBack() {
        var drafts = Drafts(room: 1 << 20)
        for (second, digest) in ["a", "b", "c"].enumerated() {
            drafts.add(draft(digest, 1, at: Int64(second)))
        }
        let taken = drafts.dequeue(1) + drafts.dequeue(1)
        drafts.add(draft("b", 2, at: 7))
        drafts.add(draft("d", 1, at: 8))
        drafts.putBack(taken)
        #expect(drafts.since == taken[0].since)
        #expect(drafts.count == 4)
        #expect(
            drafts.dequeue(1 << 20) == [
                draft("a", 1, at: 0), draft("b", 2, at: 1), draft("c", 1, at: 2),
                draft("d", 1, at: 8),
            ])
        #expect(drafts.since == nil && drafts.count == 0)
    }
}
