import Basics
import Testing
import Wire

@testable import Sessions

/// Failure catalogue 4.5: on some families input during a call closes the connection. It waits for
/// the result, and no longer than ten seconds; nothing of it is lost, and its order stays.
@Suite struct ToolGateTests {
    @Test("the gate opens after ten seconds, whenever else it was shut meanwhile")
    func patience() {
        var gate = ToolGate()
        var out = Actions()
        #expect(!gate.isShut && gate.deadline == nil)
        gate.shut(at: .at(1000))
        gate.shut(at: .at(8000))
        #expect(gate.isShut && gate.deadline == .at(11_000))
        #expect(gate.open(into: &out).isEmpty)
        #expect(!gate.isShut && gate.deadline == nil && out.isEmpty)
        gate.shut(at: .at(20_000))
        #expect(gate.deadline == .at(30_000))
    }

    @Test("what waited comes out in order, once, and a long silence in it too")
    func order() throws {
        var gate = ToolGate()
        var out = Actions()
        gate.shut(at: .at(0))
        var said = [try FromClient(Compose.activityStart, isKept: true)]
        for number in 0..<200 { said.append(try .sound(number < 20 ? 0x30 : 0, isKept: true)) }
        said.append(try FromClient(#"{"realtimeInput":{"text":"Wait."}}"#, isKept: true))
        said.append(try FromClient(Compose.activityEnd, isKept: true))
        for message in said {
            let fits = gate.hold(
                message.outbound, limit: 1 << 20, hold: .seconds(60), into: &out)
            #expect(fits)
        }
        #expect(gate.isHolding && gate.audio == .seconds(4) && gate.size > 0)
        let released = gate.open(into: &out)
        #expect(released.map { ($0.kept ?? []).text } == said.map(\.bytes.text))
        #expect(out.isEmpty && gate.size == 0 && !gate.isHolding)
        #expect(gate.open(into: &out).isEmpty)
    }

    @Test("I16: shrunk, it gives up sound and keeps the rest, and says how much went")
    func shrink() throws {
        var gate = ToolGate()
        var out = Actions()
        gate.shut(at: .at(0))
        let words = try FromClient(#"{"realtimeInput":{"text":"Wait."}}"#, isKept: true)
        for number in 0..<20 {
            let said = try number == 5 ? words : FromClient.sound(UInt8(number), isKept: true)
            _ = gate.hold(said.outbound, limit: 1 << 20, hold: .seconds(60), into: &out)
        }
        let size = gate.size
        gate.shrink(by: size / 2, into: &out)
        #expect(gate.size <= size - size / 2)
        let lost = gate.audio
        #expect(out.facts == [.inputDropped(.milliseconds(380) - lost)])
        gate.shrink(by: .max, into: &out)
        #expect(gate.open(into: &out).map { ($0.kept ?? []).text } == [words.bytes.text])
    }
}
