import Foundation
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

    @Test("who is above its share lets nobody new in, and keeps nobody else out")
    func crowds() {
        let flood = (0..<100).map { holding("a\($0)", "acme", 39) }
        let beta = holding("b1", "beta", 1)
        // 100 for what no session holds.
        #expect(MemoryWatch.crowd(flood + [beta], room: 3900, use: 4001) == ["acme"])
        #expect(MemoryWatch.crowd(flood, room: 3900, use: 4000) == ["acme"])
        // One tenant alone has room until the process has none.
        #expect(MemoryWatch.crowd(flood, room: 4100, use: 4000).isEmpty)
        // Memory that nobody holds is nobody's fault.
        #expect(MemoryWatch.crowd([beta], room: 3900, use: 4001).isEmpty)
        let two = flood + (0..<100).map { holding("c\($0)", "corp", 39) }
        #expect(MemoryWatch.crowd(two + [beta], room: 7800, use: 8100) == ["acme", "corp"])
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
            (87, .shedding), (89, .starving), (92, .closing), (300, .closing),
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
        #expect(MemoryWatch.Stage.refusing.after(2_900_000_000) == .refusing)
        #expect(MemoryWatch.Stage.refusing.after(9_500_000_000) == .starving)
        // Nobody comes in meanwhile, so it does not last.
        #expect(MemoryWatch.Stage.clearing.after(2_500_000_000) == .starving)
        #expect(MemoryWatch.Stage.clearing.after(.max) == .closing)
    }

    @Test("without an option the machine's memory limits the process")
    func standard() {
        #expect(MemoryBound.standard > 64 << 20)
        #expect(MemoryWatch(bound: nil).resident > 0)
    }

    /// In containers and under systemd the lowest limit from the process's own group up counts.
    @Test(
        "a control group's limit is found, of either version of control groups",
        arguments: [
            ("0::/a/b\n", ["a/b/memory.max": "max\n", "a/memory.max": "3000\n"], 3000),
            ("0::/a/b\n", ["a/b/memory.max": "2000\n", "a/memory.max": "3000\n"], 2000),
            // A container sees its own group as the root of all.
            ("0::/\n", ["memory.max": "1000\n"], 1000),
            ("0::/a\n", ["a/memory.max": "max\n"], nil),
            (
                "5:cpu,memory:/a\n0::/b\n",
                ["memory/a/memory.limit_in_bytes": "4000\n", "cpu/a/memory.max": "1\n"], 4000
            ),
            ("5:cpu:/a\n", ["memory/a/memory.limit_in_bytes": "4000\n"], nil),
            ("nonsense\n", [:], nil),
        ] as [(String, [String: String], Int?)])
    func controlGroups(_ groups: String, _ files: [String: String], _ limit: Int?) throws {
        let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: root) }
        for (name, text) in files.merging(["groups": groups], uniquingKeysWith: { $1 }) {
            let file = root.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(MemoryBound.controlGroup("\(root.path)/groups", mounted: root.path) == limit)
    }
}
