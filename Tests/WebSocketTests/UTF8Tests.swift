import Testing
import WebSocket

/// The Autobahn testsuite's group 6, whose samples are Markus Kuhn's decoder stress test.
struct UTF8Tests {
    static func hex(_ digits: String) -> [UInt8] {
        let values = digits.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        return stride(from: 0, to: values.count - 1, by: 2).map {
            UInt8(values[$0] << 4 | values[$0 + 1])
        }
    }

    static let valid: [(String, [String])] = [
        ("6.2", ["48656c6c6f2dc2b540c39fc3b6c3a4c3bcc3a0c3a12d5554462d382121"]),
        (
            "6.5",
            [
                "68656c6c6f24776f726c64", "68656c6c6fc2a2776f726c64", "68656c6c6fe282ac776f726c64",
                "68656c6c6ff0a4ada2776f726c64", "cebae1bdb9cf83cebcceb5",
            ]
        ),
        ("6.7", ["00", "c280", "e0a080", "f0908080"]),
        ("6.9", ["7f", "dfbf", "efbfbf", "f48fbfbf"]),
        ("6.11", ["ed9fbf", "ee8080", "efbfbd", "f48fbfbf"]),
        (
            "6.22",
            ["efbfbe", "efbfbf"]
                + (1...16).flatMap { plane in
                    [0xFFFE, 0xFFFF].map { low in
                        UTF8.encode(UnicodeScalar(plane << 16 | low) ?? "?")
                            .map { Array($0) }.map { $0.map { String($0, radix: 16) }.joined() }
                            ?? ""
                    }
                }
        ),
        ("6.23", ["efbfb9", "efbfba", "efbfbb", "efbfbc", "efbfbd", "efbfbe", "efbfbf"]),
    ]

    static let lonely: [String] = [
        0xC0...0xDF, 0xE0...0xEF, 0xF0...0xF7, 0xF8...0xFB, 0xFC...0xFD,
    ].map { $0.map { String($0, radix: 16) + "20" }.joined() }
    static let cutShort = [
        "c0", "e080", "f08080", "f8808080", "fc80808080", "df", "efbf", "f7bfbf", "fbbfbfbf",
        "fdbfbfbfbf",
    ]
    static let invalid: [(String, [String])] = [
        ("6.3", ["cebae1bdb9cf83cebcceb5eda080656469746564"]),
        ("6.4", ["cebae1bdb9cf83cebcceb5f4908080656469746564"]),
        ("6.8", ["f888808080", "fc8480808080"]),
        ("6.10", ["f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"]),
        ("6.11", ["f4908080"]),
        (
            "6.12",
            [
                "80", "bf", "80bf", "80bf80", "80bf80bf", "80bf80bf80", "80bf80bf80bf",
                (0x80...0xBF).map { String($0, radix: 16) }.joined(),
            ]
        ),
        ("6.13", lonely),
        ("6.14", cutShort),
        ("6.15", [cutShort.joined()]),
        ("6.16", ["fe", "ff", "fefeffff"]),
        ("6.17", ["c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"]),
        ("6.18", ["c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"]),
        ("6.19", ["c080", "e08080", "f0808080", "f880808080", "fc8080808080"]),
        ("6.20", ["eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"]),
        (
            "6.21",
            [
                "eda080edb080", "eda080edbfbf", "edadbfedb080", "edadbfedbfbf", "edae80edb080",
                "edae80edbfbf", "edafbfedb080", "edafbfedbfbf",
            ]
        ),
    ]

    @Test("valid text passes, however it is split", arguments: valid)
    func passes(group: String, samples: [String]) {
        for sample in samples.map(Self.hex) {
            #expect(String(validating: sample, as: UTF8.self) != nil, "a wrong sample")
            #expect(outcome(of: [.text(sample)]) == [.text(sample)])
            #expect(outcome(of: bytewise(sample)) == [.text(sample)])
        }
    }

    @Test("invalid text leads to 1007, however it is split", arguments: invalid)
    func isBlamed(group: String, samples: [String]) {
        for sample in samples.map(Self.hex) {
            #expect(outcome(of: [.text(sample)]) == [.blamed(1007)])
            #expect(outcome(of: bytewise(sample)) == [.blamed(1007)])
            // Behind ASCII of every alignment, so that the fast way has to notice it too.
            for lead in 0..<70 {
                let padded = many(65, lead) + sample + many(65, 40)
                let isValid = UTF8Validator.isValid(padded.span)
                #expect(!isValid)
            }
        }
    }

    @Test("6.1: empty text, in one frame and in three")
    func empty() {
        #expect(outcome(of: [.text("")]) == [.text([])])
        #expect(
            outcome(of: [.text("", fin: false), .more(""), .more("", fin: true)]) == [.text([])])
        #expect(
            outcome(of: [.text("", fin: false), .more("middle"), .more("", fin: true)])
                == [.text(Array("middle".utf8))])
    }

    @Test("6.4: the first impossible byte is reported before its frame has arrived")
    func failsFast() throws {
        let text = Self.hex("cebae1bdb9cf83cebcceb5f490")
        var receiver = Receiver(role: .client)
        receiver.feed([0x81, 100] + text.dropLast())
        #expect(receiver.seen.isEmpty)
        receiver.feed(text.suffix(1))
        #expect(receiver.seen == [.blamed(1007)])
    }

    @Test("6.6: a prefix of valid text passes only where a character ends")
    func prefixes() {
        let text = Self.hex("cebae1bdb9cf83cebcceb5")
        for count in 1...text.count {
            let isWhole = [2, 5, 7, 9, 11].contains(count)
            let prefix = Array(text.prefix(count))
            #expect(outcome(of: [.text(prefix)]) == [isWhole ? .text(prefix) : .blamed(1007)])
        }
    }

    private func bytewise(_ payload: [UInt8]) -> [RawFrame] {
        payload.indices.map {
            RawFrame(
                fin: $0 == payload.count - 1, opcode: $0 == 0 ? 1 : 0, payload: [payload[$0]])
        }
    }
}
