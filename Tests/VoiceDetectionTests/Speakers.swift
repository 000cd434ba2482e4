import Foundation
import SimulatedGemini
import Speech

/// Speech to listen to: what the package carries, and what a machine's own voices say.
struct Speaker: Sendable {
    var name: String
    var phrases: [[Int16]]
    var rate = 16_000

    /// The user's lines compiled into the package, in eSpeak's voice.
    static var recorded: Speaker {
        let voice = Voice.recorded
        return Speaker(
            name: "recorded user",
            phrases: (voice?.user ?? []).map { phrase in
                stride(from: 0, to: phrase.pcm.count - 1, by: 2).map {
                    Int16(bitPattern: UInt16(phrase.pcm[$0]) | UInt16(phrase.pcm[$0 + 1]) << 8)
                }
            })
    }

    static let sentences = ["No, wait. I would like to change my order, please."]
    static let words = ["yes", "no", "no wait", "stop", "hello"]

    /// All that can be had on this machine.
    static var all: [Speaker] {
        var found = [recorded]
        for voice in [
            "en-us", "en-gb", "de", "fr", "es", "it", "ru", "pl", "hi", "cmn", "sv", "pt",
        ] { found.append(espeak(voice, sentences)) }
        found.append(espeak("en-us+f3", words))
        found.append(espeak("en-us+m3", words))
        found.append(espeak("en-us+whisper", sentences))
        for voice in ["kal16", "awb", "rms", "slt"] {
            found.append(flite(voice, sentences))
            found.append(flite(voice, words))
        }
        found.append(allison)
        return found.filter { !$0.phrases.isEmpty }
    }

    private static func espeak(_ voice: String, _ texts: [String]) -> Speaker {
        Speaker(
            name: "espeak-ng \(voice)" + (texts.count > 1 ? ", single words" : ""),
            phrases: texts.compactMap {
                spoken("/usr/bin/espeak-ng", ["-v", voice, "-w", "OUTPUT", $0])
            }, rate: 22_050)
    }

    private static func flite(_ voice: String, _ texts: [String]) -> Speaker {
        Speaker(
            name: "flite \(voice)" + (texts.count > 1 ? ", single words" : ""),
            phrases: texts.compactMap {
                spoken("/usr/bin/flite", ["-voice", voice, "-t", $0, "-o", "OUTPUT"])
            }, rate: voice == "kal16" ? 16_000 : 16_000)
    }

    /// A person: the English prompts of Asterisk, spoken by Allison Smith for the telephone.
    private static var allison: Speaker {
        let folder = "/usr/share/asterisk/sounds/en_US_f_Allison"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            .filter { $0.hasSuffix(".wav") }.sorted()
        return Speaker(
            name: "Allison Smith (a person), telephone",
            phrases: names.enumerated().filter { $0.offset % 12 == 0 }
                .compactMap { samples(ofFile: "\(folder)/\($0.element)") },
            rate: 8_000)
    }

    private static func spoken(_ program: String, _ arguments: [String]) -> [Int16]? {
        guard FileManager.default.isExecutableFile(atPath: program) else { return nil }
        let file = NSTemporaryDirectory() + "/\(UUID().uuidString).wav"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments.map { $0 == "OUTPUT" ? file : $0 }
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        process.waitUntilExit()
        return process.terminationStatus == 0 ? samples(ofFile: file) : nil
    }

    /// Of a WAV file with 16 bits and one channel.
    private static func samples(ofFile path: String) -> [Int16]? {
        guard let file = FileManager.default.contents(atPath: path), file.count > 44 else {
            return nil
        }
        let bytes = [UInt8](file.dropFirst(44))
        return stride(from: 0, to: bytes.count - 1, by: 2).map {
            Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
        }
    }
}
