import Basics
import CLinux
import Foundation
import Testing
import WebSocket

@testable import Transport

@Suite("A connection that was opened before it is wanted")
struct WarmTests {
    @Test("serves whoever would send the same request to the same place, and nobody else")
    func same() throws {
        let key = try #require(HeaderField("x-goog-api-key", "ours"))
        let agent = try #require(HeaderField("user-agent", "one"))
        let endpoint = Endpoint(isSecure: true, host: "gemini.example", port: 443)
        let request = DialRequest(
            endpoint: endpoint, target: "/ws/a?alt=b", headers: [agent, key],
            subprotocols: ["one"], tls: try ClientTLS())
        var patient = request
        patient.timeout = .seconds(1)
        patient.limits = ConnectionLimits(message: 1, buffer: 1)
        #expect(request.leads(whereLeads: patient))
        let changes: [(inout DialRequest) throws -> Void] = [
            { $0.endpoint.host = "other.example" }, { $0.endpoint.port = 444 },
            { $0.endpoint.isSecure = false }, { $0.target = "/ws/a?alt=c" },
            { $0.headers.reverse() }, { $0.headers.removeLast() },
            { $0.headers[0] = try #require(HeaderField("User-Agent", "one")) },
            { $0.headers[1] = try #require(HeaderField("x-goog-api-key", "Ours")) },
            { $0.subprotocols = [] }, { $0.tls = try ClientTLS() }, { $0.tls = nil },
            { $0.mustAcknowledge = true },
        ]
        for (index, change) in changes.enumerated() {
            var other = request
            try change(&other)
            #expect(!request.leads(whereLeads: other), "change \(index)")
        }
    }

    @Test("is not quiet once its peer has said anything, or has gone, before that is read")
    func quiet() throws {
        for what in ["speaks", "closes", "vanishes"] {
            let rig = try Rig()
            let both = rig.pair(Probe(), Probe())
            rig.run(for: .milliseconds(50))
            #expect(both.client.isQuiet, "\(what)")
            // Past the server's loop: the client's has had no occasion to read.
            let server = both.server.registration.fd
            switch what {
            case "speaks": #expect(send(server, [0x81, 0x01, 0x61], 3, 0) == 3)
            case "closes": #expect(send(server, [0x88, 0x00], 2, 0) == 2)
            default: #expect(shutdown(server, Int32(SHUT_WR)) == 0)
            }
            #expect(!both.client.isQuiet, "\(what)")
        }
    }
}
