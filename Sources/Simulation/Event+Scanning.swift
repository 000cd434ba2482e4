import Sessions
import Wire

/// A message as the shell would pass it to the session.
extension Event {
    static func client(
        _ bytes: [UInt8], _ opcode: Opcode, hearing extent: Voicing.Extent
    ) -> Event {
        do {
            var message = try ClientMessage.scan(bytes.span)
            message.voicing = SimulatedEar.listen(to: message, in: bytes, extent)
            return .clientSent(message, opcode)
        } catch {
            return .clientSentMalformed(error, opcode)
        }
    }

    static func gemini(_ bytes: [UInt8], _ opcode: Opcode, _ link: ConnectionID) -> Event {
        do {
            return .geminiSent(try ServerMessage.scan(bytes.span), opcode, link)
        } catch {
            return .geminiSentMalformed(error, opcode, link)
        }
    }
}
