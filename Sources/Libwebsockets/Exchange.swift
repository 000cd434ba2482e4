import CLibwebsockets
import CLinux

/// One request and its answer so far. Loop's thread only.
@safe
final class Exchange {
    /// Over: the connection closed, or moved on to its next request.
    var isOver = false

    let wsi: OpaquePointer
    private let isHead: Bool
    private var closes: Bool
    private var hasBegun = false
    private var isFinished = false
    private var output: [UInt8] = []
    private var written = 0
    /// The part of a stream's head not yet written.
    private var headSize = 0
    private var liveness: Liveness?
    /// Since when the reader has not accepted what it was offered; nil if nothing is pending.
    private(set) var waitsSince: Int64?

    /// Time limit for a handler's answer.
    private static let patience: Int64 = 10_000_000
    /// A reader that accepts nothing for this long is dropped.
    private static let stall: Int32 = 30
    /// A stream's reader may lag by this much, then it is dropped: an inspector that cannot keep up
    /// should start again rather than read old events.
    private static let maximumBacklog = 4 << 20
    private static let pieceSize = 64 << 10

    /// - Parameter isLast: The connection ends with this answer.
    init(_ wsi: OpaquePointer, _ request: Request, isLast: Bool) {
        unsafe self.wsi = wsi
        isHead = request.method == "HEAD"
        // If there may be a body, the connection is closed after the answer instead of reading it.
        closes = isLast || !request.isHTTP11 || !(request.method == "GET" || isHead)
    }

    /// Starts the handler's time limit.
    func expect() {
        // SAFETY: here and below, `wsi` is valid until `isOver`, and this is its thread.
        unsafe lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0)
        unsafe lws_set_timer_usecs(wsi, Self.patience)
    }

    func expire() {
        guard !hasBegun else { return }
        respond(.json(#"{"error":"no answer in time"}"#, status: 503))
    }

    func respond(_ response: Response) {
        guard !hasBegun, !isOver else { return }
        hasBegun = true
        isFinished = true
        output = Head.bytes(response, closes: closes)
        if !isHead { output += response.body }
        ask()
    }

    func begin(
        _ contentType: String, _ headers: [(name: String, value: String)], _ liveness: Liveness
    ) {
        guard !hasBegun, !isOver else { return liveness.end() }
        hasBegun = true
        closes = true
        output = Head.bytes(200, contentType, headers, length: nil, closes: true)
        headSize = output.count
        if isHead { isFinished = true }
        if isHead { liveness.end() } else { self.liveness = liveness }
        ask()
    }

    func append(_ bytes: [UInt8]) {
        guard hasBegun, !isFinished, !isOver else { return }
        output += bytes
        if output.count - written > Self.maximumBacklog {
            output = []
            written = 0
            finish()
        }
        ask()
    }

    func finish() {
        isFinished = true
        liveness?.end()
        ask()
    }

    private func ask() {
        guard !isOver else { return }
        waitsSince = waitsSince ?? tk_now()
        unsafe lws_set_timer_usecs(wsi, Int64(LWS_SET_TIMER_USEC_CANCEL))
        unsafe lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, Self.stall)
        unsafe lws_callback_on_writable(wsi)
    }

    /// One piece per call, as libwebsockets requires. A result other than 0 ends the connection.
    func write() -> Int32 {
        guard hasBegun, !isOver else { return 0 }
        waitsSince = nil
        if written < output.count {
            let end = min(written + Self.pieceSize, output.count)
            guard unsafe Wire.write(Array(output[written..<end]), to: wsi) else { return -1 }
            // The head was not counted as part of the stream.
            let ofHead = min(headSize, end - written)
            headSize -= ofHead
            liveness?.add(written + ofHead - end)
            written = end
            ask()
            return 0
        }
        output.removeAll(keepingCapacity: false)
        written = 0
        guard isFinished else {
            // A stream without new data may be idle.
            unsafe lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0)
            return 0
        }
        isOver = true
        if closes { return -1 }
        return unsafe lws_http_transaction_completed(wsi) == 0 ? 0 : -1
    }

    deinit { liveness?.end() }
}

/// Raw bytes to a connection.
enum Wire {
    /// False if the connection is unusable. Accepts all bytes: what the socket does not take, the
    /// library keeps and sends before it asks for more.
    @discardableResult
    static func write(
        _ bytes: [UInt8], to wsi: OpaquePointer, as kind: lws_write_protocol = LWS_WRITE_HTTP
    ) -> Bool {
        // The library writes frame headers into the space before the payload.
        var framed = [UInt8](repeating: 0, count: tk_lws_pre()) + bytes
        // SAFETY: the bytes are read, and copied if kept, during the call.
        let result = unsafe framed.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return Int32(-1) }
            return unsafe lws_write(wsi, start + tk_lws_pre(), bytes.count, kind)
        }
        return Int(result) >= bytes.count
    }
}
