import Basics
import Foundation
import Testing

@testable import Proxy

@Suite("Files of recordings")
struct RecordingFilesTests {
    @Test("only expired recordings are deleted")
    func retention() throws {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "turnkeeper-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (name, age) in [("old.jsonl", 100.0), ("new.jsonl", 1), ("old.txt", 100)] {
            let file = directory.appending(path: name).path
            #expect(FileManager.default.createFile(atPath: file, contents: Data()))
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 10_000 - age)], ofItemAtPath: file)
        }
        RecordingFiles.forget(
            in: directory.path, before: WallTime(nanoseconds: 9_950_000_000_000))
        let left = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(left.sorted() == ["new.jsonl", "old.txt"])
    }

    @Test(
        "secrets become as many letters, and the line stays JSON",
        arguments: [
            (#"{"a":"line\nAIzaSyNobodysKeyForTheRecordings"}"#, "AIza"),
            (#"{"a":"key=abcdefghijk","b":1}"#, "abcdefghijk"),
            (#"{"a":"the word of acme-s3cret!"}"#, "acme-s3cret"),
            (#"{"a":"the word of acme%2Ds3cret!"}"#, "s3cret"),
            (#"{"a":"the word of \u0061cme-s3cret"}"#, "s3cret"),
            (#"{"a":"YWNtZS1zM2NyZXQ=","b":"61636d652d733363726574"}"#, "YWNt"),
            (#"{"a":"YWNtZS1zM2NyZXQ=","b":"61636d652d733363726574"}"#, "6163"),
        ])
    func blank(line: String, secret: String) throws {
        var bytes = Array(line.utf8)
        Credentials.blank(&bytes, Scrubber(["acme-s3cret"]))
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(!text.contains(secret) && text.utf8.count == line.utf8.count)
        _ = try JSONSerialization.jsonObject(with: Data(bytes))
    }

    @Test("a word that is the beginning of a secret, or a short secret, stays in a conversation")
    func words() {
        let line = Array(#"{"text":"interview at the test","interview":1}"#.utf8)
        var bytes = line
        Credentials.blank(&bytes, Scrubber(["interview-room-key", "test"]))
        #expect(bytes == line)
    }
}
