import Foundation
import Testing

/// The checkout these tests were compiled from, as text.
struct Repository {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let manifest =
        (try? String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)) ?? ""

    /// The targets of `Package.swift` in its order, without tests and fuzzers.
    static let targets = manifest.matches(
        of: /\n        (?:\.target|pure|library|adapter|program)\(\s*(?:name: )?"(\w+)"/
    ).map { String($0.output.1) }

    /// Those that import neither Foundation nor a C library. The manifest says which.
    static let pureTargets = manifest.matches(of: /\n        pure\(\s*"(\w+)"/).map {
        String($0.output.1)
    }

    /// What building, testing and running leave behind, and what is not text.
    private static let left: Set<String> = [
        ".build", ".venv", ".git", ".corpus", ".turnkeeper", "__pycache__", "out",
    ]
    private static let text: Set<String> = [
        "swift", "md", "py", "yaml", "yml", "json", "jsonl", "txt", "html", "c", "h", "cfg", "conf",
        "toml", "ini", "modulemap", "",
    ]

    /// Every text file under `folder`, with its path from the root, sorted.
    static func files(in folder: String = "", endingIn suffix: String = "") -> [File] {
        let start = folder.isEmpty ? root : root.appending(path: folder)
        guard
            let walk = FileManager.default.enumerator(
                at: start, includingPropertiesForKeys: [.isRegularFileKey])
        else { return [] }
        var found: [File] = []
        for case let url as URL in walk {
            if left.contains(url.lastPathComponent) {
                walk.skipDescendants()
                continue
            }
            let isFile = (try? url.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile
            guard isFile == true, text.contains(url.pathExtension),
                url.lastPathComponent.hasSuffix(suffix),
                let content = try? String(contentsOf: url, encoding: .utf8)
            else { continue }
            let path = url.standardizedFileURL.path.dropFirst(root.path.count)
            found.append(File(path: String(path.drop { $0 == "/" }), text: content))
        }
        return found.sorted { $0.path < $1.path }
    }

    static func file(_ path: String) throws -> File {
        File(path: path, text: try String(contentsOf: root.appending(path: path), encoding: .utf8))
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    /// The Swift files of pure targets.
    static var pureFiles: [File] {
        pureTargets.flatMap { files(in: "Sources/\($0)", endingIn: ".swift") }
    }
}

struct File: CustomTestStringConvertible {
    var path: String
    var text: String

    var testDescription: String { path }

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// `path:line: text` of every line that `pattern` is found in.
    func places(of pattern: some RegexComponent) -> [String] {
        lines.enumerated().compactMap { number, line in
            line.firstMatch(of: pattern) == nil ? nil : "\(path):\(number + 1): \(line)"
        }
    }

    /// The functions of a Swift file that have a body, each with its number of lines without the first
    /// and the last. The formatter puts the last brace below the first word.
    var functions: [(name: String, count: Int)] {
        let lines = lines
        let start = /^( *)(?:@?\w+(?:\([^)]*\))? )*(?:func (\w+)|(init|deinit|subscript)\b)/
        return lines.indices.compactMap { index in
            guard let match = lines[index].firstMatch(of: start) else { return nil }
            let indent = match.output.1
            let last = lines[(index + 1)...].firstIndex { line in
                !line.isEmpty && line.prefix { $0 == " " }.count <= indent.count
                    // The rest of its first line.
                    && !line.hasPrefix(indent + ")") && !line.hasPrefix(indent + "where ")
                    && line != indent + "{"
            }
            guard let last, lines[last].hasPrefix(indent + "}") else { return nil }
            return (String(match.output.2 ?? match.output.3 ?? ""), last - index - 1)
        }
    }
}
