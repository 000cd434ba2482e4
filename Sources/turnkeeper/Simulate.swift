import Basics
import Manual
import Policies
import Proxy
import SimulatedGemini
import SimulatorServer
import Speech
import Transport
import YAML

extension Commands {
    static func simulate(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        let address = try ServeOptions.address(arguments, "listen", "127.0.0.1:8082")
        let scenario: Scenario
        switch try ScenarioChoice.read(arguments) {
        case .success(let found): scenario = found
        case .failure(let complaints):
            for complaint in complaints.list { Output.error("\(complaint)") }
            return 2
        }
        let seed = try arguments.integer("seed", in: 0...Int.max) ?? 1
        Signals.block()
        if let obstacle = address.obstacle(to: "--listen") {
            Output.error("turnkeeper: \(obstacle)")
            return 1
        }
        do {
            let data = arguments["data"] ?? ".turnkeeper"
            let simulator = try SimulatorServer.start(
                host: address.host, port: Int(address.port),
                tls: address.isLoopback ? try developmentTLS(data) : nil,
                service: SimulatedService(
                    seed: UInt64(seed), scenario: scenario, voice: Voice.recorded ?? .tones))
            Output.result("listening on \(address.host):\(simulator.port)")
            Output.result(greeting(address, simulator.port, scenario, seed, data))
            Signals.waitForEnd()
            simulator.stop()
            return 0
        } catch let failure as StartFailure {
            for line in failure.lines { Output.error(line) }
            return 1
        } catch {
            Output.error("turnkeeper: \(error)")
            return 1
        }
    }

    /// The certificate of `serve`, so that one `SSL_CERT_FILE` fits both.
    private static func developmentTLS(
        _ data: String
    ) throws(StartFailure) -> SimulatorServer.TLS {
        _ = try Certificates.development(in: data)
        return SimulatorServer.TLS(
            certificate: "\(data)/server.pem", key: "\(data)/server-key.pem")
    }

    private static func greeting(
        _ address: SocketAddress, _ port: Int, _ scenario: Scenario, _ seed: Int, _ data: String
    ) -> String {
        let place = "\(address.isIPv6 ? "[\(address.host)]" : address.host):\(port)"
        let direct =
            address.isLoopback
            ? """

            Point a client here, with any API key:

              export SSL_CERT_FILE=\(Machine.absolute(data))/ca.pem
              export GOOGLE_GEMINI_BASE_URL=https://localhost:\(port)

            """ : ""
        return """
            scenario \(scenario.name), seed \(seed); what it heard: http://\(place)/simulator/record
            \(direct)
            Or put a proxy in front, by a policy that says:

              upstream: { url: ws://\(place) }
            """
    }
}

/// The argument of `--scenario`: a file, or a built-in scenario.
enum ScenarioChoice {
    /// What `--scale` multiplies the scenario's durations by.
    static func scale(_ arguments: Arguments) throws(Arguments.Mistake) -> Double {
        guard let word = arguments["scale"] else { return 1 }
        guard let scale = Double(word), scale > 0, scale <= 1000 else {
            throw Arguments.Mistake(
                message: "--scale takes a number above 0, not \"\(word)\"",
                hint: "turnkeeper \(arguments.command.name) --scale 0.1")
        }
        return scale
    }

    static func read(
        _ arguments: Arguments
    ) throws(Arguments.Mistake) -> Result<Scenario, Complaints> {
        let scale = try scale(arguments)
        guard let name = arguments["scenario"] else { return .success(.healthy) }
        if let known = Scenario.named(name, scale: scale) { return .success(known) }
        guard name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml") else {
            let names = Scenario.builtInNames
            throw Arguments.Mistake(
                message:
                    "there is no scenario \"\(name)\"; there are \(names.joined(separator: ", "))"
                    + ", and files by their path",
                hint: "turnkeeper \(arguments.command.name) --scenario "
                    + (guess(for: name, among: names) ?? "healthy"))
        }
        switch TreeReader.read(file: name) {
        case .failure(let complaints): return .failure(complaints)
        case .success(let tree):
            do throws(Complaint) {
                return .success(try Scenario(tree, scale: scale))
            } catch {
                return .failure(Complaints([error]))
            }
        }
    }
}
