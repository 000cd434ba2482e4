public import Basics
public import WebSocket

/// A session's view of its connections. One object serves both the client's and gemini's.
///
/// The life of a dialed connection: `opened`, `refused` or `failed` once; after `opened` any number
/// of messages; `closed` once. Of an accepted one: `Acceptor.requested`; then, once accepted,
/// messages and `closed` once. If the client leaves before it was answered, only `failed`. Nothing
/// is called after `refused`, `failed` or `closed`, nor after `abandon`. A call may end any
/// connection, including its own.
public protocol ConnectionDelegate: AnyObject {
    /// Gemini answered 101; messages may be sent.
    func opened(_ connection: Connection, subprotocol: String?)
    /// Gemini answered the upgrade with another status.
    func refused(_ connection: Connection, _ refusal: UpgradeRefusal)
    func failed(_ connection: Connection, _ failure: ConnectionFailure)
    /// A whole message; its bytes are valid until the call returns.
    func received(_ connection: Connection, _ message: borrowing IncomingMessage)
    /// The answer to the newest `ping`.
    func ponged(_ connection: Connection, roundTrip: Interval)
    /// The peer broke RFC 6455 or sent too long a message; nothing more is read from it. Unless the
    /// call closes the connection, it is then closed with the violation's code and reason.
    func violated(_ connection: Connection, _ violation: Violation)
    /// Whether more than `limits.buffer` waits here: meanwhile the connection that feeds this one
    /// is not read.
    func fell(_ connection: Connection, behind isBehind: Bool)
    /// Memory that grows with what is read from the connection, as far as its peer can influence
    /// it.
    func heldBytes(behind connection: Connection) -> Int
    /// The bytes that wait in the connection, for the rest of their message or to be sent, have
    /// increased by this number, or decreased. When the connection ends or changes its owner, none
    /// are left.
    func holds(_ connection: Connection, more bytes: Int)
    /// More than `limits.buffer` has waited for the client for `Patience.stuck`; called once.
    /// `backlog` counts bytes.
    func stuck(_ connection: Connection, backlog: Int)
    /// The end: the peer's close frame (its first, or its answer to ours); 1005 if it had no code;
    /// 1006 if the connection ended without one, with a reason of ours if the peer's host is
    /// silent. The peer is answered in kind unless the call closes differently.
    func closed(_ connection: Connection, code: UInt16, reason: String)
    /// All messages of one read have been delivered, and the resulting output is about to be sent.
    func batchEnded(_ connection: Connection)
}

/// What a delegate may ignore: everything except the end.
extension ConnectionDelegate {
    public func opened(_ connection: Connection, subprotocol: String?) {}
    public func refused(_ connection: Connection, _ refusal: UpgradeRefusal) {}
    public func received(_ connection: Connection, _ message: borrowing IncomingMessage) {}
    public func ponged(_ connection: Connection, roundTrip: Interval) {}
    public func violated(_ connection: Connection, _ violation: Violation) {}
    public func fell(_ connection: Connection, behind isBehind: Bool) {}
    public func stuck(_ connection: Connection, backlog: Int) {}
    public func batchEnded(_ connection: Connection) {}
    public func heldBytes(behind connection: Connection) -> Int { 0 }
    public func holds(_ connection: Connection, more bytes: Int) {}
}

/// Accepts the clients of a listener.
public protocol Acceptor: AnyObject {
    /// A request head is complete and well-formed. Set `connection.delegate`, then answer, now or
    /// later, with `accept` or `respond`; nothing more is read from the client until then.
    func requested(_ connection: Connection, _ request: IncomingRequest)
    /// What a client sent is not an HTTP request. Answer with `respond`.
    func malformed(_ connection: Connection, _ error: HeadError)
    /// A client left before it had sent a request, or sent none in time and was refused.
    func dismissed(_ connection: Connection, _ failure: ConnectionFailure)
    /// Descriptors are short: closes up to `most` connections that wait for their own client, and
    /// returns how many.
    func giveWay(_ most: Int) -> Int
}

extension Acceptor {
    public func giveWay(_ most: Int) -> Int { 0 }
}

public enum IncomingRequest: Sendable {
    case upgrade(UpgradeRequest)
    /// A request that is not a valid upgrade. The error is the answer if its target is a
    /// WebSocket's.
    case plain(RequestHead, HeadError)
}

/// An answer other than 101 to our upgrade.
public struct UpgradeRefusal: Equatable, Sendable {
    public var status: UInt16
    public var headers: HeaderFields
    /// Truncated at 64 KiB.
    public var body: [UInt8]
}

/// Why a connection never opened, or broke.
public struct ConnectionFailure: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Kind: Sendable {
        case lookup
        case connect
        case tls
        /// The input was not an HTTP head, or not a legal answer.
        case malformed
        case timedOut
        /// The peer left.
        case ended
    }

    public var kind: Kind
    /// What we were doing, and the message of the system or library.
    public var description: String
    /// The status that the client was answered with; 0 if it was not answered.
    public var status: UInt16

    public init(_ kind: Kind, _ description: String, status: UInt16 = 0) {
        self.kind = kind
        self.description = description
        self.status = status
    }
}

/// One complete incoming message. Cannot be kept: its bytes are in memory that the loop reuses.
public struct IncomingMessage: ~Escapable, ~Copyable {
    /// `.text` (checked to be UTF-8) or `.binary`.
    public let opcode: FrameOpcode
    /// Unmasked, all fragments together.
    public let payload: Span<UInt8>
    /// The frame as received, still masked if it came from a client. Empty if the message was
    /// fragmented.
    public let frame: Span<UInt8>

    @_lifetime(copy payload, copy frame)
    init(_ opcode: FrameOpcode, payload: Span<UInt8>, frame: Span<UInt8>) {
        self.opcode = opcode
        self.payload = payload
        self.frame = frame
    }
}
