/// What a server serves. Called only on the server's thread, which it must not block.
public protocol Application: AnyObject {
    /// A plain HTTP request. The answer may come later, from any thread, through `reply`.
    func respond(to request: Request, with reply: Reply)
    /// A WebSocket upgrade: nil accepts it, a response refuses it.
    func upgrade(_ request: Request, to socket: Socket) -> Response?
    func opened(_ socket: Socket)
    /// A whole message, assembled from its fragments.
    func received(_ message: [UInt8], isText: Bool, on socket: Socket)
    /// The time requested with `Socket.wake` has come.
    func wokeUp(_ socket: Socket)
    /// The socket's end; also called for one that was accepted but never opened. 1005 if the close
    /// frame had no code, 1006 if there was no close frame.
    func closed(_ socket: Socket, code: UInt16, reason: String)
}

extension Application {
    public func upgrade(_ request: Request, to socket: Socket) -> Response? {
        Response(
            status: 404, contentType: "application/json",
            body: Array(#"{"error":"no WebSocket is served here"}"#.utf8))
    }
    public func opened(_ socket: Socket) {}
    public func received(_ message: [UInt8], isText: Bool, on socket: Socket) {}
    public func wokeUp(_ socket: Socket) {}
    public func closed(_ socket: Socket, code: UInt16, reason: String) {}
}
