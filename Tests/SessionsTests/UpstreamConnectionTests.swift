import Basics
import Testing

@testable import Sessions

/// Which of gemini's connections is in use: one at a time, never one that was dropped, and every
/// state that waits for gemini has an end (liveness).
@Suite struct UpstreamConnectionTests {
    private static func dialed(_ out: Actions) -> [ConnectionID] {
        out.list.compactMap { if case .dial(let id) = $0 { id } else { nil } }
    }

    /// Dialed, opened, refused and dropped in any order.
    @Test(arguments: Array(1...50) as [UInt64])
    func `each connection has a number of its own, and only one that is open comes into use`(
        seed: UInt64
    ) {
        var random = SeededRandom(seed: seed)
        var (upstream, out) = (UpstreamConnection(), Actions())
        var (dialed, used, dropped): ([ConnectionID], [ConnectionID], [ConnectionID]) = ([], [], [])
        var now = Instant.at(0)
        for _ in 0..<200 {
            now = now + .milliseconds(Int64.random(in: 0...2000, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where upstream.next == nil: upstream.dial(at: now, into: &out)
            case 1 where upstream.next != nil: upstream.nextOpened(at: now)
            case 2 where upstream.isNextOpen: upstream.use(into: &out)
            case 3: upstream.nextFailed()
            case 4: upstream.dropNext(into: &out)
            default: upstream.dialAt = now + .seconds(1)
            }
            for action in out.list {
                switch action {
                case .dial(let id): dialed.append(id)
                case .use(let id): used.append(id)
                case .drop(let id): dropped.append(id)
                case .note(.dialing(let id)): #expect(id == dialed.last.map { $0 + 1 } ?? 1)
                case .note(.connected(let id, _)): #expect(id == used.last)
                default: Issue.record("\(action)")
                }
            }
            out.removeAll()
            #expect(upstream.current == used.last ?? 0)
            #expect(!upstream.isNextOpen || upstream.next != nil)
            #expect(upstream.isMoving == (upstream.next != nil || upstream.dialAt != nil))
        }
        #expect(dialed == Array(1..<dialed.count + 1).map { ConnectionID($0) })
        #expect(used == used.sorted() && Set(used).count == used.count)
        #expect(Set(used).isDisjoint(with: dropped) && Set(dropped).count == dropped.count)
    }

    @Test("nothing comes into use that was not dialed, and what failed is forgotten")
    func nothingToUse() {
        var (upstream, out) = (UpstreamConnection(), Actions())
        upstream.use(into: &out)
        upstream.dropNext(into: &out)
        #expect(out.isEmpty && upstream.current == 0)
        upstream.dial(at: .at(0), into: &out)
        upstream.nextFailed()
        out.removeAll()
        upstream.use(into: &out)
        upstream.dropNext(into: &out)
        #expect(out.isEmpty && !upstream.isMoving)
    }

    @Test("dropping the next connection also forgets that another was to be dialed")
    func drop() {
        var (upstream, out) = (UpstreamConnection(), Actions())
        upstream.dial(at: .at(0), into: &out)
        upstream.dialAt = .at(500)
        upstream.dropNext(into: &out)
        #expect(out.list.last == .drop(1))
        #expect(upstream.deadline == nil && !upstream.isMoving)
    }

    /// Wire reference 8: give a setup up to 20 s; a slow service gets what it needed before.
    @Test("I17: a setup that was not answered in time is given longer, up to twenty seconds")
    func patience() {
        var upstream = UpstreamConnection()
        var waits: [Interval] = []
        for _ in 0..<5 {
            upstream.setUp(at: .at(0), within: .seconds(5))
            waits.append(upstream.deadline.map { $0 - .at(0) } ?? .zero)
            upstream.setupFailed()
        }
        #expect(waits == [5, 10, 20, 20, 20].map { .seconds($0) })
        // A policy that allows more is not cut short, then or later.
        upstream.setUp(at: .at(0), within: .seconds(30))
        upstream.setupFailed()
        upstream.setUp(at: .at(0), within: .seconds(5))
        #expect(upstream.deadline == .at(30_000))
    }

    @Test("every state that waits has an end, and the nearest counts")
    func deadlines() {
        let (until, latest) = (Instant.at(1000), Instant.at(9000))
        let states: [(UpstreamConnection.State, Instant?)] = [
            (.down, nil), (.parting(until: until), until), (.bare, nil),
            (.settingUp(until: until), until),
            (.restoringContext(until: until, latest: latest), until), (.catchingUp, nil),
            (.up, nil),
        ]
        for (state, due) in states {
            var upstream = UpstreamConnection()
            upstream.state = state
            #expect(upstream.deadline == due)
            #expect(upstream.isUp == (state == .up))
            for dialAt in [Instant.at(500), .at(2000)] {
                upstream.dialAt = dialAt
                #expect(upstream.deadline == min(dialAt, due ?? dialAt))
            }
        }
    }

    @Test("an answer to context is awaited while it goes on, but not for ever")
    func context() {
        var upstream = UpstreamConnection()
        upstream.state = .restoringContext(until: .at(3000), latest: .at(10_000))
        var last = Instant.at(3000)
        for moment in stride(from: Int64(0), through: 20_000, by: 500) {
            upstream.contextIsAnswered(at: .at(moment))
            let due = upstream.deadline ?? .at(0)
            #expect(due >= last && due <= .at(10_000))
            #expect(due >= min(.at(10_000), .at(moment + 2000)))
            last = due
        }
        // Elsewhere it means nothing.
        upstream.state = .up
        upstream.contextIsAnswered(at: .at(0))
        #expect(upstream.state == .up)
    }

    @Test("the round trip is the shortest answer so far, whatever was asked")
    func roundTrip() {
        var (upstream, out) = (UpstreamConnection(), Actions())
        upstream.dial(at: .at(0), into: &out)
        upstream.nextOpened(at: .at(300))
        #expect(upstream.roundTrip == .milliseconds(300))
        upstream.setUp(at: .at(300), within: .seconds(5))
        upstream.setupAnswered(at: .at(1300))
        #expect(upstream.isUp && upstream.roundTrip == .milliseconds(300))
        upstream.answered(after: .milliseconds(40))
        upstream.answered(after: .milliseconds(90))
        #expect(upstream.roundTrip == .milliseconds(40))
    }
}
