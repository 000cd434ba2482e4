import Basics
import Testing

@testable import Proxy

@Suite("Keys of what is kept for other nodes")
struct StateKeysTests {
    private static let old = String(repeating: "0f", count: 32)
    private static let new = String(repeating: "A1", count: 32)

    @Test("what is sealed opens for its row, with its key, unchanged, and only so")
    func sealed() throws {
        let keys = try StateKeys(Self.old)
        // With nonce and tag 42 bytes, 56 characters: without padding, whose unused bits mean nothing.
        let bytes = Array("what Ada said.".utf8)
        let sealed = try #require(keys.seal(bytes, for: "row 1"))
        #expect(keys.open(sealed, for: "row 1") == bytes)
        #expect(keys.open(sealed, for: "row 2") == nil)
        #expect(try StateKeys(Self.new).open(sealed, for: "row 1") == nil)
        #expect(StateKeys.plain.open(sealed, for: "row 1") == nil)
        // The same again is other bytes, none of them the text's.
        let again = try #require(keys.seal(bytes, for: "row 1"))
        #expect(again.text != sealed.text && again.key == sealed.key)
        var changed = Array(sealed.text.utf8)
        for at in changed.indices {
            let before = changed[at]
            changed[at] = before == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let text = String(decoding: changed, as: UTF8.self)
            #expect(keys.open(StateKeys.Sealed(key: sealed.key, text: text), for: "row 1") == nil)
            changed[at] = before
        }
        // Nor with a bit turned, or cut off anywhere.
        let text = Array(sealed.text.utf8)
        let raw = Base64.decode(text.span) ?? []
        #expect(raw.count == bytes.count + 28)
        for at in raw.indices {
            var other = raw
            other[at] ^= 1 << UInt8(at % 8)
            for bytes in [other, Array(raw[..<at])] {
                let text = String(decoding: Base64.encode(bytes.span), as: UTF8.self)
                let broken = StateKeys.Sealed(key: sealed.key, text: text)
                #expect(keys.open(broken, for: "row 1") == nil)
            }
        }
        for text in ["", "AAAA", "?", sealed.text + "A"] {
            #expect(keys.open(StateKeys.Sealed(key: sealed.key, text: text), for: "row 1") == nil)
        }
        #expect(keys.open(try #require(keys.seal([], for: "")), for: "") == [])
    }

    @Test("the first key encrypts, all decrypt")
    func rotation() throws {
        let before = try StateKeys(Self.old)
        let during = try StateKeys(
            "# new first\n\(Self.new)  # of July\n\n\(Self.old)\n\(Self.old)")
        let after = try StateKeys(Self.new)
        let sealed = try #require(before.seal([1, 2], for: "r"))
        let resealed = try #require(during.seal([1, 2], for: "r"))
        #expect(during.open(sealed, for: "r") == [1, 2])
        #expect(after.open(resealed, for: "r") == [1, 2])
        #expect(before.open(resealed, for: "r") == nil)
        #expect(during.ids == after.ids + before.ids)
        #expect(during.secrets == [Self.new, Self.old])
    }

    @Test("without a key nothing is encrypted, and with one nothing plain is believed")
    func plain() throws {
        let sealed = try #require(StateKeys.plain.seal([1, 2], for: "r"))
        #expect(sealed == StateKeys.Sealed(key: "", text: "AQI="))
        #expect(StateKeys.plain.open(sealed, for: "r") == [1, 2])
        #expect(try StateKeys(Self.old).open(sealed, for: "r") == nil)
        #expect(StateKeys.plain.ids == [""])
    }

    @Test("what was kept before there was a key is opened where it may be, and sealed from then on")
    func later() throws {
        let before = try #require(StateKeys.plain.seal([1, 2], for: "r"))
        let keys = try StateKeys(Self.old, opensPlain: true)
        #expect(keys.open(before, for: "r") == [1, 2])
        #expect(keys.ids == (try StateKeys(Self.old)).ids + [""])
        let after = try #require(keys.seal([1, 2], for: "r"))
        #expect(after.key == keys.ids[0] && after.text != before.text)
        // A key's name does not make a plain text one of its own.
        #expect(keys.open(StateKeys.Sealed(key: after.key, text: before.text), for: "r") == nil)
        #expect(keys.open(StateKeys.Sealed(key: "", text: "?"), for: "r") == nil)
    }

    @Test(
        "a file that holds no keys says where it is wrong",
        arguments: [
            ("", "there is no key in it"), ("# nothing\n", "there is no key in it"),
            (
                String(repeating: "0f", count: 32) + "\nabc",
                "line 2 is not a key of 64 hexadecimal digits"
            ),
            (String(repeating: "+1", count: 32), "line 1 is not a key of 64 hexadecimal digits"),
            (String(repeating: "ä", count: 32), "line 1 is not a key of 64 hexadecimal digits"),
        ])
    func mistakes(text: String, what: String) {
        #expect(throws: StateKeys.Mistake(what: what)) { try StateKeys(text) }
    }
}
