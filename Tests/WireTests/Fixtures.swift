import Foundation
import Wire

/// Messages as files: composed samples, and what real clients sent.
enum Fixtures {
    private static let directory = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().appendingPathComponent("Fixtures")

    /// Name without `.json` -> one message.
    static let samples: [String: [UInt8]] = {
        var samples: [String: [UInt8]] = [:]
        for file in files("samples", "json") {
            let name = file.deletingPathExtension().lastPathComponent
            samples[name] = [UInt8]((try? Data(contentsOf: file)) ?? Data())
        }
        return samples
    }()

    /// All client messages of all captures.
    static let captured: [Captured] = files("captures", "jsonl").flatMap { file -> [Captured] in
        let lines = ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n")
        return lines.dropFirst().enumerated().compactMap { place, line in
            guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)),
                let payload = (object as? [String: Any])?["payload"] as? String
            else { return nil }
            let name = file.deletingPathExtension().lastPathComponent
            return Captured(origin: "\(name):\(place + 2)", bytes: Array(payload.utf8))
        }
    }

    private static func files(_ folder: String, _ kind: String) -> [URL] {
        let all = try? FileManager.default.contentsOfDirectory(
            at: directory.appendingPathComponent(folder), includingPropertiesForKeys: nil)
        return (all ?? []).filter { $0.pathExtension == kind }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }
}

struct Captured {
    var origin: String
    var bytes: [UInt8]
}

/// What a scan says, whichever direction, as a value that can be compared and printed.
func scanClient(_ bytes: [UInt8]) -> Result<ClientMessage, Malformed> {
    do { return .success(try ClientMessage.scan(bytes.span)) } catch { return .failure(error) }
}

func scanServer(_ bytes: [UInt8]) -> Result<ServerMessage, Malformed> {
    do { return .success(try ServerMessage.scan(bytes.span)) } catch { return .failure(error) }
}

func client(_ text: String) throws -> ClientMessage { try scanClient(Array(text.utf8)).get() }
func server(_ text: String) throws -> ServerMessage { try scanServer(Array(text.utf8)).get() }

/// JSON with other casing, spacing or order, made from JSON.
enum Rewritten {
    static func json(_ bytes: [UInt8]) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
    }

    static func bytes(_ value: Any, pretty: Bool = false) throws -> [UInt8] {
        var options: JSONSerialization.WritingOptions = [.sortedKeys, .fragmentsAllowed]
        if pretty { options.insert(.prettyPrinted) }
        return [UInt8](try JSONSerialization.data(withJSONObject: value, options: options))
    }

    /// Every key to snake_case, or every key to camelCase, but inside maps with keys of the
    /// user's own.
    static func recased(_ value: Any, snake: Bool) -> Any {
        if let list = value as? [Any] { return list.map { recased($0, snake: snake) } }
        guard let object = value as? [String: Any] else { return value }
        var result: [String: Any] = [:]
        for (key, inner) in object {
            let keepsOwn = ["args", "response", "labels", "properties"].contains(key)
            result[snake ? snakeCased(key) : camelCased(key)] =
                keepsOwn ? inner : recased(inner, snake: snake)
        }
        return result
    }

    static func snakeCased(_ key: String) -> String {
        key.reduce(into: "") { text, letter in
            text += letter.isUppercase ? "_" + letter.lowercased() : String(letter)
        }
    }

    static func camelCased(_ key: String) -> String {
        let words = key.split(separator: "_")
        return words.dropFirst().reduce(String(words.first ?? "")) {
            $0 + $1.prefix(1).uppercased() + $1.dropFirst()
        }
    }
}
