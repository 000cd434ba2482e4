import Basics
import Policies
import Testing
import Usage
import Wire

/// Reads `usageMetadata` as it stands in a message.
func report(_ json: String) -> Wire.Usage {
    let bytes = Array(json.utf8)
    return Wire.Usage.read(bytes.span, ByteRange(0, bytes.count))
}

/// A message of gemini's, scanned as the proxy would.
func message(_ json: String) throws -> ServerMessage {
    let bytes = Array(json.utf8)
    return try ServerMessage.scan(bytes.span)
}

/// Sound of this many milliseconds at 24 kHz.
func speech(milliseconds: Int) -> ServerMessage {
    var message = ServerMessage()
    message.members = .serverContent
    message.content = [.modelTurn, .audio]
    message.audioBytes = Int32(milliseconds * 48)
    return message
}

let turnComplete: ServerMessage = {
    var message = ServerMessage()
    message.members = .serverContent
    message.content = .turnComplete
    return message
}()

let interrupted: ServerMessage = {
    var message = ServerMessage()
    message.members = .serverContent
    message.content = .interrupted
    return message
}()

let transcript: ServerMessage = {
    var message = ServerMessage()
    message.members = .serverContent
    message.content = .outputTranscription
    message.outputText = ByteRange(0, 40)
    return message
}()

let profile = Profiles.builtIn.profile(for: "gemini-3.8-live")

/// One spoken turn with these reports, each in a separate message before its end.
func turn(_ reports: [String], spoken milliseconds: Int = 0) -> TurnUsage {
    var meter = UsageMeter(profile)
    meter.turnStarted(1)
    if milliseconds > 0 { meter.received(speech(milliseconds: milliseconds)) }
    for json in reports { _ = meter.used(report(json)) }
    meter.received(turnComplete)
    return meter.turnEnded(1)
}

extension UsageMeter {
    mutating func used(_ report: Wire.Usage) -> TurnUsage? {
        var usage = TurnUsage(turn: 0)
        return used(report, into: &usage) ? usage : nil
    }

    mutating func turnEnded(_ number: Int) -> TurnUsage {
        var usage = TurnUsage(turn: 0)
        turnEnded(number, into: &usage)
        return usage
    }

    mutating func soFar() -> TurnUsage? {
        var usage = TurnUsage(turn: 0)
        return soFar(into: &usage) ? usage : nil
    }

    mutating func ended() -> TurnUsage? {
        var usage = TurnUsage(turn: 0)
        return ended(into: &usage) ? usage : nil
    }
}
