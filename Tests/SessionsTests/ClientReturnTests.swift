import Basics
import Testing
import Wire

@testable import Sessions

/// The conversation beyond the session. I16: whatever it keeps is counted, and given back; what is
/// stored is not what was only owed.
@Suite struct ClientReturnTests {
    private static let long = [UInt8](repeating: 0x61, count: 10_000)

    private func memory(_ change: (inout Memory) -> Void) -> Memory {
        var memory = Memory(model: "m", tools: 0, handle: "", transcript: [])
        change(&memory)
        return memory
    }

    private typealias Part = @Sendable (inout ClientReturn, [UInt8]?) -> Void

    /// Everything of any length, set and taken back.
    private static let parts: [(String, Part)] = [
        (
            "setup",
            { returning, bytes in
                returning.waiting = bytes.map {
                    OutboundMessage(message: ClientMessage(), kept: $0, opcode: .text)
                }
            }
        ),
        (
            "transcript",
            { returning, bytes in
                returning.memory = bytes.map {
                    Memory(model: "m", tools: 0, handle: "", transcript: $0)
                }
            }
        ),
        (
            "handle",
            { returning, bytes in
                returning.memory = bytes.map {
                    Memory(model: "m", tools: 0, handle: $0.text, transcript: [])
                }
            }
        ),
        (
            "owed",
            { returning, bytes in
                returning.memory = bytes.map {
                    var memory = Memory(model: "m", tools: 0, handle: "", transcript: [])
                    memory.owed.unanswered = [$0]
                    return memory
                }
            }
        ),
        (
            "answer",
            { returning, bytes in
                returning.answer = bytes.map {
                    .remembered(Memory(model: "m", tools: 0, handle: "", transcript: $0))
                }
            }
        ),
        ("instruction", { returning, bytes in returning.changes.instruction = bytes ?? [] }),
        ("tools", { returning, bytes in returning.changes.tools = bytes ?? [] }),
    ]

    @Test("whatever is kept counts, and stops counting when it goes")
    func size() {
        var all = ClientReturn()
        for (name, part) in Self.parts {
            var one = ClientReturn()
            part(&one, Self.long)
            #expect(one.size >= Self.long.count, "\(name)")
            part(&one, nil)
            #expect(one.size == 0, "\(name)")
            part(&all, Self.long)
        }
        // Three of them are the same memory.
        #expect(all.size >= 5 * Self.long.count)
    }

    @Test("a new handle is shown as it is, until its generation is known")
    func shown() {
        var returning = ClientReturn()
        returning.handle = "one"
        #expect(returning.shown == "one")
        returning.shown = "one.2"
        returning.handle = "two"
        #expect(returning.shown == "two")
    }

    @Test("what a client is owed is handed over, and never stored")
    func stored() {
        let whole = memory {
            $0.transcript = Self.long
            $0.owed.unanswered = [Self.long]
            $0.owed.missed = [Self.long]
        }
        #expect(whole.stored?.owed.isEmpty == true)
        #expect(whole.stored?.transcript == Self.long)
        // Nothing but that is nothing to store.
        #expect(memory { $0.owed.missed = [Self.long] }.stored == nil)
        #expect(memory { $0.handle = "h" }.stored != nil)
    }

    @Test("a memory's times grow with it, and what was never put off stays so")
    func age() {
        var memory = memory { $0.handle = "h" }
        memory.grewOlder(by: .seconds(5))
        #expect(memory.age == .seconds(5) && memory.putOff == .zero)
        memory.putOff = .seconds(1)
        memory.grewOlder(by: .seconds(9))
        #expect(memory.age == .seconds(9) && memory.putOff == .seconds(10))
    }

    /// Failure catalogue 16.9.
    @Test("the newest instruction and tools hold, each by itself")
    func changes() {
        var changes = Memory.Changes()
        #expect(changes.edits.isEmpty)
        var one = Memory.Changes()
        one.instruction = Array(#"{"parts":[]}"#.utf8)
        changes.note(one)
        var other = Memory.Changes()
        other.tools = Array("[]".utf8)
        changes.note(other)
        #expect(
            changes.edits == [
                .set("systemInstruction", one.instruction), .set("tools", other.tools),
            ])
        changes.note(Memory.Changes())
        #expect(changes.count == one.instruction.count + other.tools.count)
    }
}
