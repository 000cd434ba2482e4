import Testing

@testable import Proxy

@Suite("Who pays when memory is short")
struct ScarcityTests {
    private func holding(_ session: String, _ tenant: String, _ bytes: Int) -> MemoryWatch.Holding {
        MemoryWatch.Holding(session: session, tenant: tenant, bytes: bytes)
    }

    @Test("only the tenant furthest above its share is considered, and its sessions above theirs")
    func shares() {
        let holdings = [
            holding("a1", "a", 600), holding("a2", "a", 10), holding("b1", "b", 200),
            holding("c1", "c", 5),
        ]
        #expect(MemoryWatch.aboveShare(holdings, room: 900, use: 900).map(\.session) == ["a1"])
    }

    @Test("a tenant within its share does not pay for others, whatever else uses the memory")
    func within() {
        let holdings = [holding("a1", "a", 100), holding("b1", "b", 90)]
        #expect(MemoryWatch.aboveShare(holdings, room: 1000, use: 5000).isEmpty)
        #expect(MemoryWatch.aboveShare([], room: 1000, use: 5000).isEmpty)
    }

    @Test("a single tenant has everything, and its sessions have equal parts of it")
    func alone() {
        let holdings = (0..<10).map { holding("s\($0)", "a", $0 == 3 ? 900 : 20) }
        #expect(MemoryWatch.aboveShare(holdings, room: 1000, use: 1080).map(\.session) == ["s3"])
    }

    @Test(
        "the stages come in their order",
        arguments: [
            (0, MemoryWatch.Stage.plenty), (79, .plenty), (80, .refusing), (85, .clearing),
            (88, .shedding), (91, .starving), (95, .closing), (300, .closing),
        ])
    func stages(_ hundredths: Int, _ stage: MemoryWatch.Stage) {
        #expect(MemoryWatch.Stage.at(hundredths) == stage)
    }

    @Test("only as many are closed as are in the way, and one at least")
    func closing() {
        let largest = [holding("s1", "a", 60), holding("s2", "a", 50), holding("s3", "a", 40)]
        for (bytes, sessions) in [(-9, 1), (0, 1), (60, 1), (61, 2), (500, 3)] {
            #expect(largest.prefix(toFree: bytes).count == sessions, "\(bytes)")
        }
        #expect([MemoryWatch.Holding]().prefix(toFree: 9).isEmpty)
    }

    @Test("a shortage that lasts is treated like a worse one, and plenty is no shortage")
    func lasting() {
        #expect(MemoryWatch.Stage.plenty.after(3_600_000_000_000) == .plenty)
        #expect(MemoryWatch.Stage.refusing.after(4_000_000_000) == .refusing)
        #expect(MemoryWatch.Stage.refusing.after(16_000_000_000) == .starving)
        #expect(MemoryWatch.Stage.clearing.after(.max) == .closing)
    }

    @Test("without an option the machine's memory limits the process")
    func standard() {
        #expect(MemoryBound.standard > 64 << 20)
        #expect(MemoryWatch(bound: nil).resident > 0)
    }
}
