import Admin
import Basics
import Wire

/// `/api/upstreams`: how the models that this process has talked to are doing.
enum UpstreamReport {
    static func route(_ shared: Shared) -> Admin.Route {
        Admin.Route("/api/upstreams") { _, _, reply in
            reply.send(
                Response(
                    contentType: "application/json",
                    body: shared.scrubber.scrub(json(shared.models.reports()))))
        }
    }

    static func json(_ reports: [ModelHealthRegistry.Report]) -> [UInt8] {
        var json = [UInt8(ascii: "[")]
        for (place, report) in reports.enumerated() {
            json += (place > 0 ? ",{" : "{").utf8
            for (name, text) in [("upstream", report.upstream), ("model", report.model)] {
                json += "\"\(name)\":".utf8
                JSONText.append(text, to: &json)
                json.append(UInt8(ascii: ","))
            }
            let sound = report.firstSound.map { String(Double($0.milliseconds) / 1000) } ?? "null"
            json += "\"failing\":\(report.isFailing),\"tries\":\(report.tries),".utf8
            json += "\"failures\":\(report.failures),\"first_sound_p95\":\(sound)}".utf8
        }
        return json + "]\n".utf8
    }
}
