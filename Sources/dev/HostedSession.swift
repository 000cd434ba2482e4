import Basics
import CLinux
import Policies
import Sessions
import Wire

/// A session as a shell would drive it, for measuring what it makes of one message or of many: what a
/// reader costs, and what is kept of it, shows in the whole machine only.
struct HostedSession: ~Copyable {
    private var session: Session
    private var out = Actions()
    private(set) var now = Instant(nanoseconds: 0)
    private var dialed: ConnectionID = 0
    private var used: ConnectionID = 0
    /// Bytes of the messages that it had sent.
    private(set) var sent = 0
    private(set) var isOver = false

    /// - Parameter setup: The client's first message; the session has not begun to talk before it is
    ///   answered.
    init(_ setup: [UInt8], _ policy: Policy = Policy()) {
        session = Session(
            id: "s", policy: policy, profiles: .builtIn, handle: "turnkeeper.s.secret")
        take(.opened)
        openNext()
        client(setup)
    }

    /// One of a model, that has been set up.
    static func talking(
        to model: String, _ policy: Policy = Policy(), isManual: Bool = false
    ) -> HostedSession {
        let detection =
            isManual
            ? #","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}"# : ""
        var hosted = HostedSession(
            Array(#"{"setup":{"model":"models/\#(model)"\#(detection)}}"#.utf8), policy)
        hosted.gemini(Array(#"{"setupComplete":{}}"#.utf8))
        return hosted
    }

    var held: Int { mutating get { session.heldBytes } }

    mutating func client(_ bytes: [UInt8]) {
        do throws(Malformed) {
            take(.clientSent(try ClientMessage.scan(bytes.span), .text), bytes)
        } catch {
            take(.clientSentMalformed(error, .text), bytes)
        }
    }

    mutating func gemini(_ bytes: [UInt8]) {
        do throws(Malformed) {
            take(.geminiSent(try ServerMessage.scan(bytes.span), .binary, used), bytes)
        } catch {
            take(.geminiSentMalformed(error, .binary, used), bytes)
        }
    }

    /// Gemini's connection is gone; the next one is not there yet.
    mutating func loseGemini() { take(.geminiClosed(used, .abnormal)) }

    mutating func loseClient() { take(.clientClosed(.abnormal)) }

    mutating func openNext() {
        pass(.milliseconds(1))
        take(.dialed(dialed))
    }

    /// What is due is done.
    mutating func pass(_ time: Interval) {
        let end = now + time
        var rounds = 0
        while let due = session.deadline, due <= end, rounds < 1000 {
            now = max(now, due)
            take(.wokeUp)
            rounds += 1
        }
        now = end
    }

    private mutating func take(_ event: Event, _ payload: [UInt8] = []) {
        session.handle(event, payload: payload.span, at: now, into: &out)
        let list = out.list
        out.removeAll()
        for action in list {
            switch action {
            case .dial(let link): dialed = link
            case .use(let link): used = link
            case .choose(let model): take(.chosen(model: model))
            case .note(.ended): isOver = true
            case .send(_, let bytes, _): sent &+= bytes.count
            default: break
            }
        }
    }
}

extension ReadCost {
    private static let models = [
        "gemini-2.5-flash-native-audio-preview-12-2025", "gemini-3.1-flash-live-preview",
    ]

    /// All that a session makes of a message of either peer: as the first, in the middle of a
    /// conversation, while there is no connection, and said again on the next one.
    static func converse(_ bytes: [UInt8]) -> Int {
        var sum = 0
        for model in models {
            for isManual in [false, true] {
                var talking = HostedSession.talking(to: model, isManual: isManual)
                talking.client(bytes)
                talking.client(bytes)
                talking.pass(.seconds(5))
                talking.gemini(bytes)
                talking.gemini(bytes)
                sum &+= talking.sent
            }
            var returning = HostedSession.talking(to: model)
            returning.gemini(bytes)
            returning.client(bytes)
            returning.loseGemini()
            returning.client(bytes)
            returning.openNext()
            returning.gemini(Array(#"{"setupComplete":{}}"#.utf8))
            returning.gemini(bytes)
            returning.loseClient()
            returning.gemini(bytes)
            sum &+= returning.sent
        }
        var first = HostedSession(bytes)
        first.gemini(Array(#"{"setupComplete":{}}"#.utf8))
        return sum &+ first.sent
    }
}
