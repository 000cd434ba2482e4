import Foundation
import Policies
import Testing

@testable import Proxy

@Suite("What is taken for a credential")
struct SecretsTests {
    /// What a key file with these bytes gives, or why it gives nothing.
    private func read(_ text: String) throws -> (value: String?, why: String) {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let isMade = FileManager.default.createFile(
            atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        try #require(isMade)
        switch Secrets().value(of: .file(path)) {
        case .success(let value): return (value, "")
        case .failure(let complaint): return (nil, complaint.message)
        }
    }

    @Test(
        "white space and the mark of an editor around a key are no part of it",
        arguments: [
            "key-of-acme", "key-of-acme\n", "key-of-acme\r\n", "\n  key-of-acme \t\n\n",
            "\u{FEFF}key-of-acme\n",
        ])
    func trimmed(_ text: String) throws {
        #expect(try read(text).value == "key-of-acme")
    }

    @Test(
        "a key that was pasted with something around it is refused, and the reason does not show it",
        arguments: [
            ("key-of-acme\nkey-of-beta\n", "more than one line"),
            ("key-of-acme\r\nkey-of-beta", "more than one line"),
            ("key-of-acme\rkey-of-beta", "more than one line"),
            ("# the key\nkey-of-acme\n", "more than one line"),
            ("\"key-of-acme\"\n", "in quotes"), ("'key-of-acme'", "in quotes"),
            ("\"key-of-acme", "in quotes"), ("key-of-acme'\n", "in quotes"),
            ("key of acme", "a character that no credential has"),
            ("key-of-acm\u{E9}", "a character that no credential has"),
            ("", "is empty"), (" \n\t\n", "is empty"),
        ])
    func refused(_ text: String, _ reason: String) throws {
        let (value, why) = try read(text)
        #expect(value == nil && why.contains(reason), "\(why)")
        #expect(!why.contains("acme"))
    }
}
