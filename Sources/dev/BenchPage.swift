/// The metrics of a proxy.
enum BenchPage {
    /// `/metrics`, with its head, read to the end.
    static func read(port: UInt16) throws -> [UInt8] {
        guard let fd = Kernel.connect(port: port) else { throw Kernel.error("the admin port") }
        defer { Kernel.close(fd) }
        let request = Array("GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n".utf8)
        _ = Kernel.send(fd, request, from: 0, to: request.count)
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var page: [UInt8] = []
        let deadline = Kernel.now + 10_000_000_000
        while Kernel.now < deadline {
            let count = Kernel.receive(fd, into: &buffer, at: 0)
            if count == Kernel.ended {
                // A refusal is no scrape, and costs nobody anything.
                let head = String(decoding: page.prefix(64), as: UTF8.self)
                guard head.split(separator: " ").dropFirst().first == "200" else {
                    throw BenchError("no metrics: \(head)")
                }
                return page
            }
            if count > 0 { page += buffer[..<count] } else { Kernel.sleep(seconds: 0.0001) }
        }
        throw BenchError("a scrape took ten seconds")
    }
}
