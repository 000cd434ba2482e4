import Testing

/// The case list of the Autobahn testsuite, groups 1 to 5, 7, 9 and 10, as tables: the numbers
/// are its own. Group 6 is in `UTF8Tests`. A blamed stream stands for its "fail the connection".
struct AutobahnTests {
    typealias Seen = Receiver.Seen
    struct Case: CustomTestStringConvertible, Sendable {
        var id: String
        var frames: [RawFrame]
        var expected: [Receiver.Seen]

        init(_ id: String, _ frames: [RawFrame], _ expected: [Receiver.Seen]) {
            self.id = id
            self.frames = frames
            self.expected = expected
        }
        var testDescription: String { id }
    }

    static let sizes = [0, 125, 126, 127, 128, 65535, 65536]

    @Test("1: messages of every length encoding", arguments: sizes)
    func framing(size: Int) {
        let text = [UInt8](repeating: UInt8(ascii: "*"), count: size)
        let binary = [UInt8](repeating: 0xFE, count: size)
        #expect(outcome(of: [.text(text)]) == [.text(text)])
        #expect(outcome(of: [.binary(binary)]) == [.binary(binary)])
    }

    static let pings: [Case] = [
        Case("2.1", [.ping()], [.ping([])]),
        Case("2.2", [.ping(Array("Hello, world!".utf8))], [.ping(Array("Hello, world!".utf8))]),
        Case(
            "2.3", [.ping([0, 255, 254, 253, 252, 251, 0, 255])],
            [.ping([0, 255, 254, 253, 252, 251, 0, 255])]),
        Case("2.4, 2.6", [.ping(many(0xFE, 125))], [.ping(many(0xFE, 125))]),
        Case("2.5", [.ping(many(0xFE, 126))], [.blamed(1002)]),
        Case("2.7", [.pong()], [.pong([])]),
        Case("2.8", [.pong([1, 2])], [.pong([1, 2])]),
        Case("2.9", [.pong([1]), .ping([2])], [.pong([1]), .ping([2])]),
        Case("2.10, 2.11", (0..<10).map { .ping([$0]) }, (0..<10).map { .ping([$0]) }),
    ]

    static let reserved: [Case] = [
        Case("3.1", [RawFrame(reserved: 1, opcode: 1, payload: [65])], [.blamed(1002)]),
        Case(
            "3.2, 3.3", [.text("a"), RawFrame(reserved: 2, opcode: 1, payload: [65]), .ping()],
            [.text([97]), .blamed(1002)]),
        Case(
            "3.4", [.text("a"), RawFrame(reserved: 3, opcode: 1), .ping()],
            [.text([97]), .blamed(1002)]),
        Case("3.4 RSV 4", [RawFrame(reserved: 4, opcode: 1), .ping()], [.blamed(1002)]),
        Case("3.5", [RawFrame(reserved: 5, opcode: 2, payload: many(0xFF, 8))], [.blamed(1002)]),
        Case("3.6", [RawFrame(reserved: 6, opcode: 9, payload: [65])], [.blamed(1002)]),
        Case("3.7", [RawFrame(reserved: 7, opcode: 8)], [.blamed(1002)]),
    ]

    @Test("4: reserved opcodes", arguments: [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8])
    func opcodes(opcode: UInt8) {
        #expect(outcome(of: [RawFrame(opcode: opcode)]) == [.blamed(1002)])
        let withPayload = RawFrame(opcode: opcode, payload: [1, 2, 3])
        #expect(outcome(of: [withPayload]) == [.blamed(1002)])
        #expect(outcome(of: [.text("a"), withPayload, .ping()]) == [.text([97]), .blamed(1002)])
    }

    static let whole: Seen = .text(Array("fragment1fragment2".utf8))
    static let five: [RawFrame] = [
        .text("fragment1", fin: false), .more("fragment2"), .ping([1]), .more("fragment3"),
        .more("fragment4"), .ping([2]), .more("fragment5", fin: true),
    ]
    static let fragments: [Case] = [
        Case(
            "5.1", [RawFrame(fin: false, opcode: 9, payload: [65]), .more("b", fin: true)],
            [.blamed(1002)]),
        Case(
            "5.2", [RawFrame(fin: false, opcode: 10, payload: [65]), .more("b", fin: true)],
            [.blamed(1002)]),
        Case(
            "5.3 to 5.5", [.text("fragment1", fin: false), .more("fragment2", fin: true)], [whole]),
        Case(
            "5.6 to 5.8",
            [.text("fragment1", fin: false), .ping([7]), .more("fragment2", fin: true)],
            [.ping([7]), whole]),
        Case(
            "5.9 to 5.11", [.more("non-continuation", fin: true), .text("Hello")], [.blamed(1002)]),
        Case("5.12 to 5.14", [.more("non-continuation"), .text("Hello")], [.blamed(1002)]),
        Case(
            "5.15",
            [
                .text("fragment1", fin: false), .more("fragment2", fin: true), .more("fragment3"),
                .text("fragment4"),
            ], [whole, .blamed(1002)]),
        Case(
            "5.16", [.more("fragment1"), .text("fragment2", fin: false), .more("", fin: true)],
            [.blamed(1002)]),
        Case(
            "5.17",
            [.more("fragment1", fin: true), .text("fragment2", fin: false), .more("", fin: true)],
            [.blamed(1002)]),
        Case("5.18", [.text("fragment1", fin: false), .text("fragment2")], [.blamed(1002)]),
        Case(
            "5.19, 5.20", five,
            [
                .ping([1]), .ping([2]),
                .text(Array("fragment1fragment2fragment3fragment4fragment5".utf8)),
            ]),
    ]

    static let closes: [Case] = [
        Case(
            "7.1.1", [.text("Hello"), .close(1000)], [.text(Array("Hello".utf8)), .close(1000, "")]),
        Case("7.1.2", [.close(1000), .close(1000)], [.close(1000, "")]),
        Case("7.1.3", [.close(1000), .ping()], [.close(1000, "")]),
        Case("7.1.4", [.close(1000), .text("Hello")], [.close(1000, "")]),
        Case(
            "7.1.5", [.text("a", fin: false), .close(1000), .more("b", fin: true)],
            [.close(1000, "")]),
        Case(
            "7.1.6", [.text(many(65, 262144)), .close(1000), .ping()],
            [.text(many(65, 262144)), .close(1000, "")]),
        Case("7.3.1", [.close()], [.close(1005, "")]),
        Case("7.3.2", [.close([3])], [.blamed(1002)]),
        Case("7.3.3", [.close(1000)], [.close(1000, "")]),
        Case("7.3.4", [.close(1000, Array("Hello World!".utf8))], [.close(1000, "Hello World!")]),
        Case(
            "7.3.5", [.close(1000, many(42, 123))],
            [.close(1000, String(repeating: "*", count: 123))]),
        Case("7.3.6", [.close(1000, many(42, 124))], [.blamed(1002)]),
        Case(
            "7.5.1", [.close(1000, UTF8Tests.hex("cebae1bdb9cf83cebcceb5eda080656469746564"))],
            [.blamed(1007)]),
    ]

    @Test(
        "2, 3, 5, 7: control frames, reserved bits, fragments, closes",
        arguments: pings + reserved + fragments + closes)
    func table(item: Case) {
        #expect(outcome(of: item.frames) == item.expected)
    }

    @Test(
        "7.7: close codes that may be sent arrive as they are",
        arguments: [
            1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999,
            4000,
            4999,
        ])
    func legalCodes(code: Int) {
        #expect(outcome(of: [.close(code)]) == [.close(UInt16(code), "")])
    }

    @Test(
        "7.9, 7.13: close codes that may not be sent",
        arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
    func illegalCodes(code: Int) {
        #expect(outcome(of: [.close(code)]) == [.blamed(1002)])
    }

    @Test("9: large messages, whole and in fragments", arguments: [64, 4096, 65536, 1 << 20])
    func large(fragment: Int) {
        let size = fragment == 64 ? 1 << 16 : 1 << 20
        let payload = (0..<size).map { UInt8($0 & 127) }
        #expect(outcome(of: pieces(payload, fragment)) == [.text(payload)])
    }

    @Test("10.1.1: 65536 bytes in fragments of 1300")
    func fragmented() {
        let payload = many(42, 65536)
        #expect(outcome(of: pieces(payload, 1300)) == [.text(payload)])
    }

    private func pieces(_ payload: [UInt8], _ size: Int) -> [RawFrame] {
        stride(from: 0, to: payload.count, by: size).map { start in
            let end = min(start + size, payload.count)
            return RawFrame(
                fin: end == payload.count, opcode: start == 0 ? 1 : 0,
                payload: Array(payload[start..<end]))
        }
    }
}

func many(_ byte: UInt8, _ count: Int) -> [UInt8] { [UInt8](repeating: byte, count: count) }
