public import Basics

extension Policy {
    /// Where to report, and what.
    public struct Notify: Equatable, Sendable {
        /// `nil`: nothing is reported.
        public var url: String?
        /// Signs each report.
        public var secret: Secret?
        public var events = Event.allCases
        public var caFile: String?
        public var timeout = Interval.seconds(10)
        /// Reports that may wait for the receiver.
        public var queue = 100_000
        /// How long a report may wait.
        public var keep = Interval.seconds(72 * 3600)

        /// What is reported; also the `event` of a report.
        public enum Event: String, CaseIterable, Sendable {
            /// 80 or 100 % of a budget is used.
            case budget
            /// A model fails, and new sessions avoid it.
            case breaker
            /// No remedy made gemini answer, so a session was closed.
            case unanswered
            /// The report of every ended session.
            case session
        }

        public func wants(_ event: Event) -> Bool { url != nil && events.contains(event) }
    }

    static let notifyKeys: [Setting<Policy>] = [
        Setting(
            "notify.url", \.notify.url, .optional(.webhook),
            "Where reports are sent, as signed JSON by POST: https, or http on this machine. "
                + "docs/NOTIFICATIONS.md describes them. null: nowhere.",
            example: "notify: { url: \"https://hooks.acme.example/x\", secret: env:NOTIFY_SECRET }"),
        Setting(
            "notify.secret", \.notify.secret, .optional(.secret(mayBeHash: false)),
            "The key of the signature (HMAC-SHA256). Required with notify.url.",
            example: "notify: { secret: file:/run/secrets/notify }"),
        Setting(
            "notify.events", \.notify.events, .list(of: .word, "events", atLeast: 1),
            "What is reported: a budget used to 80 and 100 % (budget), a failing model that new "
                + "sessions avoid (breaker), a session that could not be answered (unanswered), "
                + "every ended session with its turns, tool calls and cost (session). Transcripts "
                + "and tool arguments are included as far as `log` permits.",
            example: "notify: { events: [budget, session] }"),
        Setting(
            "notify.ca_file", \.notify.caFile, .optional(.path),
            "CA certificates (PEM) for verifying the receiver's certificate. null: the system's.",
            example: "notify: { ca_file: /etc/ssl/private-ca.pem }"),
        Setting(
            "notify.timeout", \.notify.timeout, .duration(.milliseconds(10) ... .seconds(60)),
            "How long one attempt may take, from the look-up to the answer.",
            example: "notify: { timeout: 5s }"),
        Setting(
            "notify.queue", \.notify.queue, .count(1...1_000_000),
            "Reports that may wait; beyond it the oldest is lost, and counted.",
            example: "notify: { queue: 10000 }"),
        Setting(
            "notify.keep", \.notify.keep, .duration(.seconds(1) ... .seconds(30 * 86_400)),
            "How long a report may wait while its receiver fails; then it is lost, and counted.",
            example: "notify: { keep: 24h }"),
    ]
}
