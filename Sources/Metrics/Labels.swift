/// What the catalogue's labels may say. Peers choose close codes, names and words without end, so
/// whatever is not listed here is counted under `Shard.rest`.
public enum Labels {
    static let sessionOutcomes = [
        "completed", "gemini_closed", "unreachable", "client_fault", "stopped",
    ]
    static let turnOutcomes = ["answered", "interrupted", "silent", "lost"]
    static let stallKinds = [
        "no_output", "transcribed_only", "empty_turn", "text_only", "after_interrupt",
        "first_reply_never", "tool_result_ignored", "output_froze", "in_progress_stuck",
        "rejected_run", "silent_audio", "setup_unanswered", "wedged",
    ]
    /// The model spoke after it; did not; or the user or a close came first.
    static let nudgeResults = ["answered", "unanswered", "overtaken"]
    static let reconnectReasons = ["closed", "lost", "stalled", "go_away", "quota", "context"]
    static let reconnectResults = ["resumed", "rebuilt", "fell_back", "failed"]
    static let toolResults = ["called", "answered", "cancelled"]
    static let authors = ["client", "gemini", "turnkeeper"]
    static let peers = ["client", "gemini"]
    static let modes = ["enforce", "observe"]
    static let messageKinds = [
        "setup", "audio", "activity", "realtime", "content", "tool", "other",
    ]
    static let modalities = ["text", "audio", "image", "video", "document", "thought", "tool"]
    static let closeClasses = [
        "normal", "lost", "invalid", "policy", "internal", "credential", "quota", "handle",
        "model", "go_away", "deadline", "unavailable", "region",
    ]
    static let closeCodes = (1000...1015).map(String.init) + ["3xxx", "4xxx"]

    /// A close code as a label: registered ones as they are, those that applications choose
    /// (RFC 6455 section 7.4.2) by their thousand, since a client could use all two thousand.
    public static func closeCode(_ code: UInt16) -> String {
        switch code {
        case 1000...1015: String(code)
        case 3000...3999: "3xxx"
        case 4000...4999: "4xxx"
        default: Shard.rest
        }
    }
}
