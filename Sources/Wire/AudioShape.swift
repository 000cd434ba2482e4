import Basics

/// A client's audio messages differ only in their base64, fifty times a second, and most clients
/// build on a handful of libraries; the service's differ only in that, too. A message with one of
/// these heads and the tail is recognised without parsing; all others take the slow path, with the
/// same result.
enum AudioShape {
    /// Bytes in front of `audio`'s value, where `ClientMessage.value` begins.
    private static let pythonValue = 19
    private static let compactValue = 17
    /// One step of the search, a third of a millisecond of audio.
    private static let shortest = 32

    @inline(__always)
    static func scan(_ bytes: Span<UInt8>) -> ClientMessage? {
        // google-genai for Python, and with it google-adk, and LiveKit's and Pipecat's plugins.
        if Bytes.starts(bytes, at: 0, with: #"{"realtime_input": {"audio": {"data": ""#) {
            return scan(
                bytes, from: 39, value: pythonValue,
                tail: #"", "mime_type": "audio/pcm;rate=16000"}}}"#)
        }
        // js-genai, and programs that write the JSON themselves, in either order.
        if Bytes.starts(bytes, at: 0, with: #"{"realtimeInput":{"audio":{"data":""#) {
            return scan(
                bytes, from: 35, value: compactValue,
                tail: #"","mimeType":"audio/pcm;rate=16000"}}}"#)
        }
        if Bytes.starts(
            bytes, at: 0,
            with: #"{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":""#)
        {
            return scan(bytes, from: 69, value: compactValue, tail: #""}}}"#)
        }
        return nil
    }

    @inline(__always)
    private static func scan(
        _ bytes: Span<UInt8>, from start: Int, value: Int, tail: StaticString
    ) -> ClientMessage? {
        let end = bytes.count &- tail.utf8CodeUnitCount
        guard end &- start >= shortest, Bytes.starts(bytes, at: end, with: tail),
            Bytes.isPlainText(bytes, start..<end)
        else { return nil }
        var message = ClientMessage()
        message.members = .realtimeInput
        message.input = .audio
        message.value = ByteRange(value, bytes.count &- 1)
        message.audio = ByteRange(start, end)
        message.audioBytes = Blob.decodedCount(bytes, message.audio)
        return message
    }
}

/// The same for the model's speech.
extension AudioShape {
    @inline(__always)
    static func scan(server bytes: Span<UInt8>) -> ServerMessage? {
        // As the service formats it.
        if Bytes.starts(
            bytes, at: 0,
            with: """
                {
                  "serverContent": {
                    "modelTurn": {
                      "parts": [
                        {
                          "inlineData": {
                            "mimeType": "audio/pcm;rate=24000",
                            "data": "
                """)
        {
            return scan(
                server: bytes, from: 164,
                tail: """
                    "
                              }
                            }
                          ]
                        }
                      }
                    }

                    """)
        }
        if Bytes.starts(
            bytes, at: 0,
            with: """
                {"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"
                """)
        {
            return scan(server: bytes, from: 97, tail: #""}}]}}}"#)
        }
        return nil
    }

    @inline(__always)
    private static func scan(
        server bytes: Span<UInt8>, from start: Int, tail: StaticString
    ) -> ServerMessage? {
        let end = bytes.count &- tail.utf8CodeUnitCount
        guard end &- start >= shortest, Bytes.starts(bytes, at: end, with: tail),
            Bytes.isPlainText(bytes, start..<end)
        else { return nil }
        var message = ServerMessage()
        message.members = .serverContent
        message.content = [.modelTurn, .audio]
        message.audio = ByteRange(start, end)
        message.audioBytes = Blob.decodedCount(bytes, message.audio)
        return message
    }
}
