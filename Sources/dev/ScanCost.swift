import Basics
import Wire

/// `dev scan-cost KIND COUNT`: scans one message COUNT times and prints what was found, so that
/// callgrind can count instructions: those of two runs apart by 1,000 scans, over 1,000.
/// Valgrind 3.19 trips over the compiler's debug information, so it gets a copy without.
///
///     strip --strip-debug -o dev .build/release/dev
///     valgrind --tool=callgrind --callgrind-out-file=/dev/null ./dev scan-cost client-1300 1000
enum ScanCost {
    static let kinds = ["client-940", "client-1300", "server-8000", "server-transcript"]

    static func run(_ arguments: [String]) -> Int32 {
        guard arguments.count == 2, kinds.contains(arguments[0]), let count = Int(arguments[1])
        else {
            print("Try: dev scan-cost (\(kinds.joined(separator: "|"))) COUNT")
            return 2
        }
        let message = message(arguments[0])
        var checksum: Int64 = 0
        do {
            if arguments[0].hasPrefix("client") {
                for _ in 0..<count {
                    checksum &+= Int64(try ClientMessage.scan(message.span).audioBytes)
                }
            } else {
                for _ in 0..<count {
                    checksum &+= Int64(try ServerMessage.scan(message.span).content.rawValue)
                }
            }
        } catch {
            print(error)
            return 1
        }
        print("\(message.count) bytes, checksum \(checksum)")
        return 0
    }

    /// The shapes of google-genai's 20 ms and Chromium-sized audio, of the service's audio, and
    /// of a short transcript.
    private static func message(_ kind: String) -> [UInt8] {
        func audio(_ bytes: Int) -> String {
            var random = SeededRandom(seed: 1)
            let pcm = (0..<bytes).map { _ in UInt8.random(in: 0...255, using: &random) }
            return String(decoding: Base64.encode(pcm.span), as: UTF8.self)
        }
        let text =
            switch kind {
            case "client-940":
                #"{"realtime_input": {"audio": {"data": "\#(audio(640))", "mime_type": "audio/pcm;rate=16000"}}}"#
            case "client-1300":
                #"{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"\#(audio(920))"}}}"#
            case "server-8000":
                """
                {
                  "serverContent": {
                    "modelTurn": {
                      "parts": [
                        {
                          "inlineData": {
                            "mimeType": "audio/pcm;rate=24000",
                            "data": "\(audio(5_850))"
                          }
                        }
                      ]
                    }
                  }
                }

                """
            default:
                #"{"serverContent":{"outputTranscription":{"text":" and what does that tell us"}}}"#
            }
        return Array(text.utf8)
    }
}
