import Basics
import Foundation
import Testing
import Wire

/// What Foundation's reader says about a message, by lookup in its tree: an oracle that shares no
/// code with the scanner.
private struct Oracle {
    var members: ClientMessage.Members = []
    var input: ClientMessage.Input = []
    var audioBytes = 0
    var text = ""
    var turnComplete = false
    var count = 0

    init(_ bytes: [UInt8]) throws {
        let root = try #require(Rewritten.json(bytes) as? [String: Any])
        for (name, member) in [
            ("setup", ClientMessage.Members.setup), ("clientContent", .clientContent),
            ("realtimeInput", .realtimeInput), ("toolResponse", .toolResponse),
        ] where Self.get(root, name) is [String: Any] { members.insert(member) }
        let content = Self.get(root, "clientContent") as? [String: Any] ?? [:]
        turnComplete = Self.get(content, "turnComplete") as? Bool ?? false
        let tools = Self.get(root, "toolResponse") as? [String: Any] ?? [:]
        count =
            ((Self.get(content, "turns") ?? Self.get(tools, "functionResponses")) as? [Any])?
            .count ?? 0
        readInput(Self.get(root, "realtimeInput") as? [String: Any] ?? [:])
    }

    private mutating func readInput(_ realtime: [String: Any]) {
        var blobs: [[String: Any]] = []
        if let chunk = (Self.get(realtime, "mediaChunks") as? [[String: Any]])?.first {
            input.insert(.mediaChunks)
            blobs.append(chunk)
        }
        for name in ["audio", "video"] {
            if let blob = Self.get(realtime, name) as? [String: Any] { blobs.append(blob) }
        }
        for blob in blobs {
            let type = Self.get(blob, "mimeType") as? String ?? ""
            input.insert(type.hasPrefix("audio/") ? .audio : .video)
            guard type.hasPrefix("audio/"), let data = blob["data"] as? String else { continue }
            let standard = data.replacingOccurrences(of: "-", with: "+")
                .replacingOccurrences(of: "_", with: "/")
            audioBytes += Data(base64Encoded: standard)?.count ?? 0
        }
        if let text = realtime["text"] as? String {
            input.insert(.text)
            self.text = text
        }
        if Self.get(realtime, "audioStreamEnd") as? Bool == true { input.insert(.audioStreamEnd) }
        if Self.get(realtime, "activityStart") != nil { input.insert(.activityStart) }
        if Self.get(realtime, "activityEnd") != nil { input.insert(.activityEnd) }
    }

    private static func get(_ object: [String: Any], _ name: String) -> Any? {
        object[name] ?? object[Rewritten.snakeCased(name)]
    }
}

@Suite("Captures")
struct CaptureTests {
    @Test("every captured message is read as Foundation reads it")
    func agreesWithOracle() throws {
        #expect(Fixtures.captured.count == 400)
        for message in Fixtures.captured {
            let found = try ClientMessage.scan(message.bytes.span)
            let oracle = try Oracle(message.bytes)
            let origin = Comment(rawValue: message.origin)
            #expect(found.members == oracle.members, origin)
            #expect(found.input == oracle.input, origin)
            #expect(found.audioBytes == oracle.audioBytes, origin)
            #expect(found.turnComplete == oracle.turnComplete, origin)
            #expect(found.count == oracle.count, origin)
            #expect(JSONText.unescape(message.bytes.span, found.text) == oracle.text, origin)
            #expect(found.members.rawValue.nonzeroBitCount == 1, origin)
        }
    }

    @Test("a captured setup shows manual or automatic detection in either casing")
    func manualVAD() throws {
        var manual = 0
        for message in Fixtures.captured {
            guard try ClientMessage.scan(message.bytes.span).members == .setup else { continue }
            let setup = try Setup.read(message.bytes.span)
            let origin = Comment(rawValue: message.origin)
            #expect(!setup.isAmbiguous, origin)
            #expect(setup.respondsWithAudio && !setup.respondsWithText, origin)
            #expect(setup.model.hasPrefix("models/gemini-"), origin)
            // Read off the scenario: automatic detection is on unless the file is about manual.
            let isManual = ["manual-vad", "resume-1", "resume-2", "media-chunks"].contains {
                message.origin.contains($0)
            }
            #expect(setup.isManualVAD == isManual, origin)
            if setup.isManualVAD { manual += 1 }
        }
        #expect(manual >= 10)
    }

    @Test("no captured message can be read after being cut")
    func truncated() {
        // Long runs of base64 are all alike: their insides are cut at every 16th byte.
        for message in Fixtures.captured where message.bytes.count < 4096 {
            let isLong = message.bytes.count > 400
            for length in 0..<message.bytes.count where !isLong || length % 16 == 3 {
                switch scanClient(Array(message.bytes[..<length])) {
                case .success: Issue.record("\(message.origin) cut at \(length)")
                case .failure(let malformed):
                    #expect(malformed.reason == (length == 0 ? .empty : .truncated))
                    #expect(malformed.offset == length)
                }
            }
        }
    }
}
