import Basics
import CLinux
import Libwebsockets
import SimulatedGemini
import Wire

/// Drives one machine per connection; decides nothing. Server's thread only.
final class Front: Application {
    private let service: SimulatedService
    private var connections: [UInt: SimulatedConnection] = [:]
    private var actions: [ServerAction] = []

    init(_ service: sending SimulatedService) { self.service = service }

    func record() -> SimulatorRecord {
        SimulatorRecord(service, liveConnections: connections.count)
    }

    // MARK: HTTP

    func respond(to request: Request, with reply: Reply) {
        switch (request.method, request.path) {
        case ("GET", "/simulator/record"):
            reply.send(
                Response(contentType: "application/json", body: record().json))
        case (_, let path) where ServicePath.isLive(path):
            reply.send(
                .json(
                    #"{"error":{"code":400,"message":"expected a WebSocket upgrade"}}"#, status: 400
                ))
        default: reply.send(Self.notFound)
        }
    }

    private static let notFound = Response.json(
        #"""
        {"error":{"code":404,"message":"this port plays Gemini Live: /ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent, and /simulator/record for tests"}}
        """#, status: 404)

    // MARK: WebSocket

    func upgrade(_ request: Request, to socket: Socket) -> Response? {
        guard ServicePath.isLive(request.path) else { return Self.notFound }
        let connection = service.connect()
        let upgrade = Upgrade(
            target: request.target, apiKey: request.header("x-goog-api-key"),
            authorization: request.header("authorization"))
        let none: [UInt8] = []
        var actions: [ServerAction] = []
        connection.handle(.opened(upgrade), payload: none.span, at: now, into: &actions)
        for action in actions {
            if case .refuse(let status, let body) = action {
                return .json(body, status: status)
            }
        }
        connections[socket.id] = connection
        // Actions after the acceptance wait in the socket until it is open.
        perform(actions, on: socket)
        return nil
    }

    func opened(_ socket: Socket) {
        guard let connection = connections[socket.id] else { return }
        setTimer(connection, socket)
    }

    func received(_ message: [UInt8], isText: Bool, on socket: Socket) {
        handle(.received(isText ? .text : .binary), message, socket)
    }

    func wokeUp(_ socket: Socket) { handle(.wokeUp, [], socket) }

    func closed(_ socket: Socket, code: UInt16, reason: String) {
        handle(.closed(Close(code, reason)), [], socket)
        connections[socket.id] = nil
    }

    private var now: Instant { Instant(nanoseconds: tk_now()) }

    private func handle(_ event: ServerEvent, _ payload: [UInt8], _ socket: Socket) {
        guard let connection = connections[socket.id] else { return }
        actions.removeAll(keepingCapacity: true)
        connection.handle(event, payload: payload.span, at: now, into: &actions)
        perform(actions, on: socket)
        setTimer(connection, socket)
    }

    private func perform(_ actions: [ServerAction], on socket: Socket) {
        for action in actions {
            switch action {
            case .accept, .refuse: break  // Answered by `upgrade`.
            case .send(let message, let opcode): socket.send(message, isText: opcode == .text)
            case .close(let close): socket.close(code: close.code, reason: close.reason)
            case .abort: socket.abort()
            case .pauseReading: socket.setReading(false)
            case .resumeReading: socket.setReading(true)
            }
        }
    }

    private func setTimer(_ connection: SimulatedConnection, _ socket: Socket) {
        // Rounded up: a machine woken too early would do nothing and ask again.
        socket.wake(
            afterMicroseconds: connection.deadline.map {
                max(($0 - now).nanoseconds, 0) / 1000 + 1
            })
    }
}
