import Admin
import Basics
import Wire

/// `/api/upstreams`: the state of the models that this process has talked to.
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
        var json = JSONOutput()
        json.objects(nil, reports) { json, report in
            json.string("upstream", report.upstream)
            json.string("model", report.model)
            json.flag("failing", report.isFailing)
            json.integer("tries", report.tries)
            json.integer("failures", report.failures)
            json.seconds("first_sound_p95", report.firstSound)
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }
}
