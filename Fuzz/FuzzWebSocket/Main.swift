import Basics
import WebSocket

/// libFuzzer's entry: any bytes, as a connection's frames to a server and to a client, as a close
/// payload, as text, and as something to mask.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    walk(input, .server)
    walk(input, .client)
    checkText(input)
    checkClose(input)
    checkMasking(input)
    return 0
}

/// Parsed or blamed: every frame ends where its header says, every blame has a code, and a header
/// written again is the one that was read.
private func walk(_ input: [UInt8], _ role: Role) {
    var sequence = FrameSequence(role: role, messageLimit: 1 << 16)
    var offset = 0
    do throws(Violation) {
        while let header = try FrameHeader.parse(input.span, at: offset) {
            var written: [UInt8] = []
            header.encode(into: &written)
            precondition(written[...] == input[offset..<offset + header.headerLength])
            precondition(header.frameLength >= 2)
            _ = try sequence.admit(header)
            precondition(sequence.messageLength <= 1 << 16)
            guard header.frameLength <= input.count - offset else { return }
            offset += header.frameLength
        }
    } catch {
        precondition(error.closeCode == 1002 || error.closeCode == 1009)
    }
}

private func checkText(_ input: [UInt8]) {
    let expected = String(validating: input, as: UTF8.self) != nil
    precondition(UTF8Validator.isValid(input.span) == expected)
    var validator = UTF8Validator()
    let cut = input.isEmpty ? 0 : Int(input[0]) % (input.count + 1)
    let inPieces =
        (try? validator.feed(input.span.extracting(0..<cut))) != nil
        && (try? validator.feed(input.span.extracting(cut..<input.count))) != nil
        && validator.isBetweenCharacters
    precondition(inPieces == expected)
}

private func checkClose(_ input: [UInt8]) {
    do throws(Violation) {
        let (code, reason) = try CloseFrame.parse(input.span)
        let payload = CloseFrame.payload(code: code, reason: reason)
        precondition(payload.count <= 125 && input.starts(with: payload))
        precondition(input.count > 125 || payload == input)
    } catch {
        precondition(error.closeCode == 1002 || error.closeCode == 1007)
    }
}

private func checkMasking(_ input: [UInt8]) {
    guard input.count >= 5 else { return }
    let key = Array(input[0..<4])
    let mask = key.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let phase = Int(input[4])
    let expected = input.indices.map { input[$0] ^ key[($0 + phase) % 4] }
    var copy: [UInt8] = input
    var bytes = copy.mutableSpan
    let isASCII = unmask(&bytes, mask: mask, phase: phase)
    precondition(copy == expected && isASCII == expected.allSatisfy { $0 < 0x80 })
}
