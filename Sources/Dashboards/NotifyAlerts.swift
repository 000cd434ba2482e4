import Basics
import Metrics

extension Alert {
    /// Reports to tenants' receivers.
    static let notify = [reportsLost, reportsWait]

    private static let reportsLost = Alert(
        "ReportsLost", .ticket, "Reports for {{ $labels.tenant }} are lost: {{ $labels.reason }}",
        lasting: .seconds(0),
        "sum by (tenant, reason) (rate(\(.notifyLost)[\(.window)])) > 0",
        Runbook(
            """
            Some reports (`notify` in the tenant's policy) will never reach their receiver. Sessions are not \
            affected, and the ledger still has the contents of the reports.
            """,
            look: [
                "The reason: `queue`, more than `notify.queue` waited; `age`, the receiver failed for longer than `notify.keep`; `removed`, the policy names no receiver any more; `gone`, the session was deleted from the ledger.",
                "The log: `the receiver takes no reports`, or `the receiver refuses reports` while it takes others, with the status or the error.",
            ],
            act: [
                "Repair the receiver, or correct `notify.url`; what still waits is delivered at once.",
                "Read what was lost from the ledger: `turnkeeper sessions list --tenant T --since 24h --json`.",
            ]),
        Proof(
            fires: [Sample(.notifyLost, #"tenant="acme",reason="queue""#, "0+5x60")],
            isQuiet: [Sample(.notifyLost, #"tenant="acme",reason="queue""#, "7x60")],
            labels: [(name: "tenant", value: "acme"), (name: "reason", value: "queue")]))

    private static let reportsWait = Alert(
        "ReportsWait", .ticket, "The receiver of {{ $labels.tenant }} does not take all reports",
        lasting: .seconds(600),
        """
        sum by (tenant) (rate(\(.notifyAttempts, #"result="failed""#)[\(.window)])) > 0 \
        and sum by (tenant) (\(.notifyQueue)) > 0
        """,
        Runbook(
            "Attempts fail, and reports wait in the ledger: for `notify.keep`, and up to `notify.queue` of them. Nothing is lost yet.",
            look: [
                "The log: `the receiver takes no reports`, or `the receiver refuses reports` while it takes others, with the status or the error.",
                "`curl -i -X POST URL` from this machine: name, certificate, firewall.",
            ],
            act: [
                "Repair the receiver, or correct `notify.url`; what waits is delivered in order."
            ]),
        Proof(
            fires: [
                Sample(.notifyAttempts, #"tenant="acme",result="failed""#, "0+1x60"),
                Sample(.notifyQueue, #"tenant="acme""#, "9x60"),
            ],
            isQuiet: [
                Sample(.notifyAttempts, #"tenant="acme",result="failed""#, "3x60"),
                Sample(.notifyQueue, #"tenant="acme""#, "0x60"),
            ],
            labels: [(name: "tenant", value: "acme")]))
}
