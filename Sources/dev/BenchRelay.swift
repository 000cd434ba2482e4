/// `dev bench-relay --upstream PORT`: moves bytes between a client and the upstream and looks at
/// nothing: what any proxy on this machine must cost at least. One thread; prints `plain PORT`.
final class BenchRelay {
    private let poller = Poller()
    private let listener: Int32
    private let upstream: UInt16
    private var ends: [BenchSocket?] = []
    private var free: [Int] = []
    /// The other end of each end, by name.
    private var partners: [Int] = []

    private static let listenerName = 1 << 40

    init(_ options: Options) throws {
        guard let upstream = options.int("--upstream").flatMap(UInt16.init(exactly:)) else {
            throw BenchError("bench-relay needs --upstream PORT")
        }
        self.upstream = upstream
        let listening = try Kernel.listen(
            port: UInt16(exactly: options.int("--port") ?? 0) ?? 0)
        listener = listening.socket
        poller.add(listener, name: BenchRelay.listenerName)
        print("plain \(listening.port)")
        flushOutput()
    }

    func run() -> Never {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            for index in 0..<poller.wait(nanoseconds: 1_000_000_000) {
                let ready = poller[index]
                if ready.name == BenchRelay.listenerName {
                    accept()
                } else {
                    move(ready, &buffer)
                }
            }
        }
    }

    private func accept() {
        for _ in 0..<64 {
            guard let client = Kernel.accept(listener) else { return }
            guard let server = Kernel.connect(port: upstream) else {
                Kernel.close(client)
                continue
            }
            let first = name()
            let second = name()
            partners[first] = second
            partners[second] = first
            for (fd, name) in [(client, first), (server, second)] {
                ends[name] = BenchSocket(fd, name: name)
                poller.add(fd, name: name)
            }
        }
    }

    private func name() -> Int {
        if let name = free.popLast() { return name }
        ends.append(nil)
        partners.append(0)
        return ends.count - 1
    }

    private func move(_ ready: Poller.Readiness, _ buffer: inout [UInt8]) {
        guard let end = ends[ready.name], let partner = ends[partners[ready.name]] else { return }
        var goesOn = true
        if ready.writable { goesOn = end.flush(poller) }
        if goesOn, ready.readable {
            goesOn = end.read(&buffer) { bytes, count in
                partner.output.append(contentsOf: bytes[..<count])
                return count
            }
            if !partner.output.isEmpty { goesOn = partner.flush(poller) && goesOn }
        }
        guard !goesOn else { return }
        for socket in [end, partner] {
            socket.close(poller)
            ends[socket.name] = nil
            free.append(socket.name)
        }
    }
}
