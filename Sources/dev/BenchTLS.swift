import CLinux
import COpenSSL

/// The server side of TLS for the benchmark's upstream. The object owns the OpenSSL context.
@safe final class BenchTLS {
    private let context: OpaquePointer

    /// A certificate chain and its key, both PEM files.
    init(certificate: String, key: String) throws {
        guard let context = unsafe SSL_CTX_new(TLS_server_method()) else {
            throw BenchError("OpenSSL gives no context")
        }
        unsafe self.context = context
        // SAFETY: the context was just made and is owned here; OpenSSL copies the file names.
        guard unsafe SSL_CTX_use_certificate_chain_file(context, certificate) == 1,
            unsafe SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1
        else { throw BenchError("OpenSSL refuses \(certificate) or \(key)") }
        let modes =
            SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
            | SSL_MODE_RELEASE_BUFFERS
        _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_MODE, Int(modes), nil)
    }

    deinit { unsafe SSL_CTX_free(context) }

    func stream(on socket: Int32) -> Stream? {
        // SAFETY: the context lives as long as this object.
        unsafe Stream(SSL_new(context), socket)
    }

    /// One connection's TLS; it owns the OpenSSL object, not the socket.
    @safe final class Stream {
        private let ssl: OpaquePointer

        fileprivate init?(_ ssl: OpaquePointer?, _ socket: Int32) {
            guard let ssl = unsafe ssl else { return nil }
            unsafe self.ssl = ssl
            _ = unsafe SSL_set_fd(ssl, socket)
            unsafe SSL_set_accept_state(ssl)
        }

        deinit { unsafe SSL_free(ssl) }

        /// As `Kernel.receive`; the handshake is done in passing.
        func receive(into buffer: inout [UInt8], at start: Int) -> Int {
            // SAFETY: the array keeps its storage for the closure, and the slice checks the bounds.
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
                return unsafe SSL_read(ssl, rest.baseAddress, Int32(rest.count))
            }
            return count > 0 ? Int(count) : waits(count) ? Kernel.again : Kernel.ended
        }

        /// As `Kernel.send`.
        func send(_ buffer: [UInt8], from start: Int, to end: Int) -> Int {
            // SAFETY: the array keeps its storage for the closure, and the slice checks the bounds.
            let count = unsafe buffer.withUnsafeBytes { bytes in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                return unsafe SSL_write(ssl, rest.baseAddress, Int32(rest.count))
            }
            return count > 0 ? Int(count) : waits(count) ? Kernel.again : Kernel.ended
        }

        private func waits(_ result: Int32) -> Bool {
            // SAFETY: called on the one thread right after the operation it asks about.
            let error = unsafe SSL_get_error(ssl, result)
            ERR_clear_error()
            return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE
        }
    }
}
