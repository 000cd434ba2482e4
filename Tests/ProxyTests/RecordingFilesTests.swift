import Basics
import Foundation
import Testing

@testable import Proxy

@Suite("Files of recordings")
struct RecordingFilesTests {
    @Test("recordings go when their time is up, and nothing else does")
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
        ])
    func blank(line: String, secret: String) throws {
        var bytes = Array(line.utf8)
        Credentials.blank(&bytes, known: [Array("acme-s3cret".utf8)])
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(!text.contains(secret) && text.utf8.count == line.utf8.count)
        _ = try JSONSerialization.jsonObject(with: Data(bytes))
    }
}
