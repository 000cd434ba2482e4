/// The permitted label values. Peers can choose any number of close codes, names and words, so
/// anything not listed here is counted as `Shard.rest`.
public enum Labels {
    static let sessionOutcomes = [
        "completed", "client_closed", "gemini_closed", "unanswered", "refused", "limit", "stopped",
    ]
    static let restOutcomes = [
        "answered", "client_closed", "stalled", "unanswered", "failed", "memory",
    ]
    static let warmOutcomes = ["taken", "expired", "failed", "dropped"]
    static let turnOutcomes = ["answered", "interrupted", "silent", "lost"]
    static let stallKinds = [
        "no_output", "transcribed_only", "empty_turn", "text_only", "after_interrupt",
        "first_reply_never", "tool_result_ignored", "output_froze", "in_progress_stuck",
        "rejected_run", "silent_audio", "setup_unanswered", "wedged", "silent_run",
        "forgotten",
    ]
    /// The results of a nudge, besides having been sent.
    static let nudgeResults = ["sent", "answered", "ignored", "duplicate"]
    /// Why a connection had to be replaced: a close, by its class; a dead connection; a stall, by
    /// its kind.
    static let reconnectReasons = closeClasses + ["dead"] + stallKinds
    static let reconnectResults = ["resumed", "rebuilt", "redialed", "failed", "gave_up"]
    /// Keys of the policy, and fields of short-lived client tokens.
    static let limits = [
        "limits.sessions", "limits.message", "limits.messages_per_second", "limits.session",
        "limits.buffer", "budget.session_usd", "budget.day_usd", "budget.session_tokens",
        "end_users.day_minutes", "end_users.day_usd", "end_users.required",
        "models.allow", "token.uses", "token.expireTime", "token.newSessionExpireTime",
        "token.fieldMask", "token.record",
        "client.setup", "client.waiting", "serve.memory", "operator.end",
    ]
    /// Why a client was refused: a key of the policy, or one word.
    static let refusals =
        [
            "key", "no_key", "token", "origin", "path", "request", "draining", "upstream.rest",
            "upstream.project", "upload", "setup", "database", "disk", "end_users.header",
            "session.starts",
        ]
        + limits
    static let refusalCodes =
        closeCodes + [
            "400", "401", "403", "404", "405", "408", "410", "414", "426", "429", "431", "501",
            "503", "505",
        ]
    static let toolResults = [
        "called", "answered", "cancelled", "remembered", "dropped", "renamed", "not_kept",
        "refused",
    ]
    static let authors = ["client", "gemini", "turnkeeper"]
    static let peers = ["client", "gemini"]
    static let modes = ["enforce", "observe"]
    static let messageKinds = [
        "setup", "audio", "activity", "realtime", "content", "tool", "other",
    ]
    static let modalities = ["text", "audio", "image", "video", "document", "thought", "tool"]
    static let closeClasses = [
        "normal", "lost", "invalid", "policy", "internal", "credential", "quota", "handle",
        "model", "region", "go_away", "deadline", "unavailable", "application", "other",
    ]
    static let closeCodes = (1000...1015).map(String.init) + ["3xxx", "4xxx"]

    /// A close code as a label: registered ones as they are; application codes (RFC 6455 section
    /// 7.4.2) by their thousand, because a client could use all two thousand.
    public static func closeCode(_ code: UInt16) -> String {
        switch code {
        case 1000...1015: String(code)
        case 3000...3999: "3xxx"
        case 4000...4999: "4xxx"
        default: Shard.rest
        }
    }
}
