public import Basics
import Policies
import Sessions
import Wire

/// Whatever the remedies did, what the client receives reads as one well-behaved conversation with
/// one service: one `setupComplete`, first; nothing of an answer after its end; every interrupted
/// answer followed by its `turnComplete` before anything new is said; no call shown twice. Nothing
/// is made up while gemini can still send it, so with a faulty service the last `turnComplete` may
/// be missing.
public struct ServerGrammar: Sendable {
    private var isSetUp = false
    private var hasSpoken = false
    private var isGenerated = false
    private var interruptedAt: Instant?
    private var calls: Set<String> = []
    /// Calls with more to come.
    private var unfinished: Set<String> = []

    public init() {}

    public enum Complaint: Equatable, Sendable {
        case secondSetupComplete, contentBeforeSetup, speechAfterGeneration, speechAfterInterruption
        case callTwice(String)
    }

    /// Processes the next message to the client; returns what is wrong with it.
    public mutating func check(_ bytes: [UInt8], at now: Instant) -> Complaint? {
        guard let message = try? ServerMessage.scan(bytes.span) else { return nil }
        let content = message.content
        let speaks = !content.isDisjoint(with: [.audio, .text])
        var complaint: Complaint?
        if speaks, isGenerated { complaint = .speechAfterGeneration }
        if speaks, interruptedAt != nil, !content.contains(.interrupted) {
            complaint = .speechAfterInterruption
        }
        if message.members.contains(.setupComplete) {
            if isSetUp { complaint = .secondSetupComplete }
            isSetUp = true
        } else if !isSetUp, message.members.contains(.serverContent) {
            complaint = .contentBeforeSetup
        }
        if speaks { hasSpoken = true }
        // The end of nothing says nothing about what may follow.
        if content.contains(.generationComplete), hasSpoken { isGenerated = true }
        // An interruption of nothing ends nothing: with an end, a program would be one answer
        // ahead.
        if content.contains(.interrupted), hasSpoken { interruptedAt = now }
        if content.contains(.turnComplete) {
            interruptedAt = nil
            isGenerated = false
            hasSpoken = false
        }
        if content.contains(.interrupted), !content.contains(.turnComplete) { isGenerated = false }
        return readCalls(message, bytes) ?? complaint
    }

    private mutating func readCalls(_ message: ServerMessage, _ bytes: [UInt8]) -> Complaint? {
        var reader = ToolReader(calls: message.tool, in: bytes.span)
        while let call = reader.nextCall(in: bytes.span) {
            let id = JSONText.unescape(bytes.span, call.id)
            let goesOn = ServerGrammar.announcesMore(bytes)
            if goesOn { unfinished.insert(id) }
            let isExpected = unfinished.contains(id)
            if !goesOn { unfinished.remove(id) }
            if !id.isEmpty, !calls.insert(id).inserted, !isExpected { return .callTwice(id) }
        }
        return nil
    }

    /// Whether the calls of the message are incomplete: `willContinue`.
    static func announcesMore(_ bytes: [UInt8]) -> Bool {
        bytes.contains(key) && bytes.filter { $0 != 0x20 }.contains(flag)
    }
    private static let key = Array("willContinue".utf8)
    private static let flag = Array("\"willContinue\":true".utf8)
}
