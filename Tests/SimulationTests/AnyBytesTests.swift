import Basics
import Foundation
import Simulation
import Testing

/// What the fuzzer of sessions does for hours, briefly and from seeds.
@Suite struct AnyBytesTests {
    @Test(arguments: 0..<8)
    func `a session under any bytes keeps its promises`(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed) &* 7919 &+ 1)
        var turns = 0
        for run in 0..<250 {
            // A session that is set up, and then anything.
            var bytes: [UInt8] = [UInt8(truncatingIfNeeded: random.next())]
            if run % 4 != 0 { bytes += [5, 0, 0, 2, 0] }
            for _ in 0..<Int(random.next() % 300) {
                bytes.append(UInt8(truncatingIfNeeded: random.next()))
            }
            let outcome = AnyBytes.play(bytes)
            turns += outcome.turns
            #expect(outcome.failure == nil, "\(String(describing: outcome.failure)) of \(bytes)")
            if outcome.failure != nil { return }
        }
        #expect(turns > 50, "most sessions get nowhere")
    }

    @Test func `what a fuzzer found once keeps its promises`() throws {
        let seeds = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Fuzz/Seeds/FuzzSessions")
        let files = try FileManager.default.contentsOfDirectory(
            at: seeds, includingPropertiesForKeys: nil)
        #expect(files.count > 5)
        for file in files {
            let outcome = AnyBytes.play(Array(try Data(contentsOf: file)))
            #expect(outcome.failure == nil, "\(file.lastPathComponent)")
        }
    }
}
