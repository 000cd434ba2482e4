import CLibwebsockets
import CLinux

/// One WebSocket connection. Server's thread only.
@safe
public final class Socket {
    /// Never reused by one server.
    public let id: UInt
    private(set) var isOpen = false

    private let wsi: OpaquePointer
    private var output: [(bytes: [UInt8], isText: Bool)] = []
    private var next = 0
    private var ending: Ending?
    private var message: [UInt8] = []
    private var peerClose: (code: UInt16, reason: String) = (1006, "")
    private var hasEnded = false

    private enum Ending {
        case close(UInt16, String)
        case abort
    }

    /// Maximum size of a message; a larger one is answered with 1009.
    private static let maximumMessage = 64 << 20

    init(_ id: UInt, _ wsi: OpaquePointer) {
        self.id = id
        unsafe self.wsi = wsi
    }

    func open() {
        isOpen = true
        if !output.isEmpty || ending != nil { askToWrite() }
    }

    /// Also allowed before the upgrade is answered; the message is then sent right after.
    public func send(_ message: [UInt8], isText: Bool) {
        guard ending == nil, !hasEnded else { return }
        output.append((message, isText))
        askToWrite()
    }

    /// Sent after earlier messages. Any code from 1000 to 4999 is sent as given.
    public func close(code: UInt16, reason: String) {
        guard ending == nil else { return }
        ending = .close(code, reason)
        askToWrite()
    }

    /// Ends the connection without a close frame, after earlier messages.
    public func abort() {
        guard ending == nil else { return }
        ending = .abort
        askToWrite()
    }

    /// While paused nothing is read from the socket, so pings go unanswered too.
    public func setReading(_ reads: Bool) {
        guard isOpen, !hasEnded else { return }
        // SAFETY: here and below, `wsi` is valid until `end`, and this is its thread.
        unsafe lws_rx_flow_control(wsi, reads ? 1 : 0)
    }

    /// Schedules `Application.wokeUp`; each call replaces the previous one, nil cancels.
    public func wake(afterMicroseconds delay: Int64?) {
        guard isOpen, !hasEnded else { return }
        unsafe lws_set_timer_usecs(
            wsi, delay.map { max($0, 1) } ?? Int64(LWS_SET_TIMER_USEC_CANCEL))
    }

    private func askToWrite() {
        guard isOpen, !hasEnded else { return }
        unsafe lws_callback_on_writable(wsi)
    }

    func write() -> Int32 {
        guard next < output.count else { return finish() }
        let (bytes, isText) = output[next]
        next += 1
        if next == output.count {
            output.removeAll(keepingCapacity: true)
            next = 0
        }
        let kind = isText ? LWS_WRITE_TEXT : LWS_WRITE_BINARY
        guard unsafe Wire.write(bytes, to: wsi, as: kind) else { return -1 }
        if next < output.count || ending != nil { askToWrite() }
        return 0
    }

    private func finish() -> Int32 {
        switch ending {
        case nil: return 0
        case .abort: return -1
        case .close(let code, let reason):
            var bytes = Self.cut(reason)
            unsafe bytes.withUnsafeMutableBufferPointer {
                unsafe lws_close_reason(
                    wsi, lws_close_status(UInt32(code)), $0.baseAddress, $0.count)
            }
            return -1
        }
    }

    /// At most what fits into a close frame, truncated at a character.
    private static func cut(_ reason: String) -> [UInt8] {
        let bytes = Array(reason.utf8)
        guard bytes.count > 123 else { return bytes }
        // A byte 10xxxxxx continues the character before it.
        var end = 123
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return Array(bytes[..<end])
    }

    func receive(_ bytes: UnsafeRawBufferPointer, _ application: any Application) -> Int32 {
        guard ending == nil else { return 0 }
        if unsafe lws_is_first_fragment(wsi) != 0 { message.removeAll(keepingCapacity: true) }
        if bytes.count > Self.maximumMessage - message.count {
            message = []
            close(code: 1009, reason: "message too large")
            return 0
        }
        unsafe message.append(contentsOf: bytes)
        guard unsafe lws_is_final_fragment(wsi) != 0, unsafe lws_remaining_packet_payload(wsi) == 0
        else { return 0 }
        let whole = message
        message = []
        application.received(whole, isText: unsafe lws_frame_is_binary(wsi) == 0, on: self)
        return 0
    }

    /// The payload of the peer's close frame; libwebsockets answers it.
    func receiveClose(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 2 else {
            peerClose = (1005, "")
            return
        }
        let code = unsafe UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        peerClose = unsafe (code, String(decoding: bytes.dropFirst(2), as: UTF8.self))
    }

    func end(_ application: any Application) {
        guard !hasEnded else { return }
        hasEnded = true
        output = []
        application.closed(self, code: peerClose.code, reason: peerClose.reason)
    }
}
