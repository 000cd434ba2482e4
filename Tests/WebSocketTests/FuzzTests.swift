import Basics
import Testing
import WebSocket

/// A short seeded run of what `Fuzz/` does at length: parsed or blamed, nothing else.
struct FuzzTests {
    @Test("any bytes are frames or a violation, as a whole and in pieces alike", arguments: 1...4)
    func frames(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<4000 {
            let role = random.chance(0.5) ? Role.server : .client
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes += frame(&random, masked: role == .server)
            }
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let place = Int.random(in: bytes.indices, using: &random)
                bytes[place] = UInt8.random(in: .min ... .max, using: &random)
            }
            var whole = Receiver(role: role, limit: 300)
            whole.feed(bytes)
            var pieces = Receiver(role: role, limit: 300)
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + Int.random(in: 1...20, using: &random))
                pieces.feed(Array(bytes[start..<end]))
                start = end
            }
            #expect(whole.seen == pieces.seen, "seed \(seed), bytes \(bytes)")
            for case .blamed(let code) in whole.seen { #expect([1002, 1007, 1009].contains(code)) }
        }
    }

    private func frame(_ random: inout SeededRandom, masked: Bool) -> [UInt8] {
        let opcodes: [UInt8] = [0, 1, 1, 2, 2, 8, 9, 10, 3]
        let count = random.chance(0.1) ? 200 : Int.random(in: 0...30, using: &random)
        let isText = random.chance(0.7)
        let payload = (0..<count).map { _ in
            UInt8.random(in: 0...(isText ? 127 : 255), using: &random)
        }
        return RawFrame(
            fin: random.chance(0.7), opcode: opcodes.randomElement(using: &random) ?? 1,
            payload: payload
        ).bytes(masked: masked)
    }

    @Test("text is valid if the standard library says so", arguments: 1...2)
    func text(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let interesting: [UInt8] = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0,
            0xE1,
            0xED, 0xEF, 0xF0, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        var valid = 0
        for _ in 0..<20000 {
            let bytes = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                interesting.randomElement(using: &random) ?? 0
            }
            let expected = String(validating: bytes, as: UTF8.self) != nil
            valid += expected ? 1 : 0
            let isValid = UTF8Validator.isValid(bytes.span)
            #expect(isValid == expected, "\(bytes)")
        }
        #expect(valid > 1000)
    }

    @Test("any bytes are a head, the start of one, or refused", arguments: 1...2)
    func heads(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let lines = Array(HeadTests.good.utf8)
        var accepted = 0
        for _ in 0..<400 {
            var bytes = lines
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let place = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0...2, using: &random) {
                case 0: bytes.remove(at: place)
                case 1: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: place)
                default: bytes[place] = [0x0A, 0x0D, 0x20, 0x3A, 0x2C][place % 5]
                }
            }
            switch request(bytes) {
            case .success(let head?):
                accepted += 1
                #expect(head.length <= bytes.count && head.target.first == "/")
            case .success(nil): break
            case .failure(let error): #expect([400, 501, 505].contains(error.status))
            }
            if case .failure(let error) = response(bytes) { #expect(error.status == 502) }
        }
        #expect(accepted > 20)
    }
}
