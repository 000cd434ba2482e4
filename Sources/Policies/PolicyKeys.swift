import Basics

extension Policy {
    /// Every key of a policy file, in the order of the reference.
    public static let schema = Schema<Policy>(
        identityKeys + upstreamKeys + clientKeys + ruleKeys + turnKeys + stallKeys + recoveryKeys
            + modelKeys + limitKeys + endUserKeys + notifyKeys + logKeys)

    private static let identityKeys: [Setting<Policy>] = [
        Setting(
            "tenant", \.tenant, .name,
            "The tenant's name in metrics, ledger and logs. Default: the file's name.",
            example: "tenant: acme", isOwn: true),
        Setting(
            "inherits", \.inherits, .optional(.name),
            "The tenant whose values this one starts from. Sections merge key by key, lists and "
                + "maps are replaced. null: the built-in defaults. `tenant`, `inherits` and "
                + "`match` are never inherited.",
            example: "inherits: default", isOwn: true),
        Setting(
            "match.keys", \.match.keys, .list(of: .secret(mayBeHash: true), "secrets", atLeast: 1),
            "What this tenant's clients present as their API key. Required, except in "
                + "default.yaml, which takes no keys: it serves everyone whom no other file "
                + "matches.",
            example: "match: { keys: [env:ACME_CLIENT_KEY] }", isOwn: true, isCommentedOut: true),
        Setting(
            "match.origins", \.match.origins, .list(of: .origin, "origins"),
            "Browsers: the permitted values of Origin; others get 403. Empty: all are permitted.",
            example: "match: { origins: [\"https://app.acme.example\"] }", isOwn: true),
        Setting(
            "match.anyone", \.match.anyone, .flag,
            "Only in default.yaml: whether to serve everyone whom no other file matches. If "
                + "absent: yes with the client's own key, no with a credential of ours "
                + "(upstream.key, upstream.credentials). false: only a template that others "
                + "inherit from.",
            example: "match: { anyone: true }", isOwn: true, isCommentedOut: true),
        Setting(
            "mode", \.mode, .word,
            "observe: no rule or remedy changes, drops, holds, makes up or replays anything; "
                + "timeline and metrics say what would have been done, up to the first remedy of "
                + "a turn. Credentials, models.allow, limits and budgets stay in force.",
            example: "mode: observe"),
    ]

    private static let upstreamKeys: [Setting<Policy>] = [
        Setting(
            "upstream.url", \.upstream.url, .endpoint,
            "Scheme and host of gemini. The client's path and query are kept.",
            example: "upstream: { url: \"ws://127.0.0.1:9090\" }"),
        Setting(
            "upstream.key", \.upstream.key, .optional(.secret(mayBeHash: false)),
            "The API key that gemini sees instead of the client's. null: the client's own key is "
                + "passed on.",
            example: "upstream: { key: env:GEMINI_API_KEY }"),
        Setting(
            "upstream.credentials", \.upstream.credentials, .optional(.credentials),
            "Vertex: the source of the OAuth access token that gemini sees instead of the "
                + "client's key: a service account's key file, or the machine's metadata server. "
                + "The token is refreshed ten minutes before it expires. Excludes upstream.key.",
            example: "upstream: { credentials: file:/run/secrets/service-account.json }"),
        Setting(
            "upstream.project", \.upstream.project, .optional(.name),
            "Vertex, with upstream.credentials: the project whose models `models.allow` refers "
                + "to. null: the key file's project_id, or GOOGLE_CLOUD_PROJECT.",
            example: "upstream: { project: acme-prod }"),
        Setting(
            "upstream.path", \.upstream.path, .optional(.urlPath),
            "A prefix for the client's path, for a gateway. A prefix that a balancer in front of "
                + "the proxy left there is removed first.",
            example: "upstream: { path: /gemini }"),
        Setting(
            "upstream.ca_file", \.upstream.caFile, .optional(.path),
            "CA certificates (PEM) for verifying gemini's certificate. null: the system's.",
            example: "upstream: { ca_file: /etc/ssl/private-ca.pem }"),
        Setting(
            "upstream.rest", \.upstream.rest, .word,
            "Google's REST paths (/v1beta/models/... and so on): passed on with the key replaced "
                + "(pass), or answered with 403 (refuse). auto: passed on with the client's own "
                + "key, refused with one of ours, because REST usage is not counted here.",
            example: "upstream: { rest: pass }"),
        Setting(
            "upstream.connect", \.upstream.connect, .duration(.milliseconds(10) ... .seconds(600)),
            "How long a dial may take: TCP and TLS.", example: "upstream: { connect: 3s }"),
        Setting(
            "upstream.warm", \.upstream.warm, .count(0...16),
            "How many connections to gemini each worker opens in advance, so that a new session need "
                + "not wait for TCP, TLS and upgrade. Only with a credential of ours, only while there "
                + "are new sessions, for 20 s each; 0: none. Has no effect in mode observe.",
            example: "upstream: { warm: 2 }"),
        Setting(
            "upstream.setup", \.upstream.setup, .duration(.milliseconds(10) ... .seconds(600)),
            "How long gemini may take to answer the setup; 300 ms is usual. Doubled, up to 20 s, for each attempt of the session that was not answered in time.",
            example: "upstream: { setup: 10s }"),
        Setting(
            "upstream.ping", \.upstream.ping, .duration(.milliseconds(50) ... .seconds(3600)),
            "How often gemini is pinged. Should be at least twice within `dead`, otherwise `check` warns.",
            example: "upstream: { ping: 10s }"),
        Setting(
            "upstream.dead", \.upstream.dead, .duration(.milliseconds(100) ... .seconds(86_400)),
            "After this time without any frame, and with a ping unanswered, gemini's connection "
                + "is dead. Be generous: pongs have been 30 s late.",
            example: "upstream: { dead: 40s }"),
        Setting(
            "upstream.rest_silence", \.upstream.restSilence,
            .duration(.milliseconds(100) ... .seconds(86_400)),
            "How long gemini may keep the client of a REST request waiting, for the whole head of its answer "
                + "(then it is a 504) or for more of its body (then the answer is cut off).",
            example: "upstream: { rest_silence: 2m }"),
    ]

    private static let clientKeys: [Setting<Policy>] = [
        Setting(
            "client.setup", \.client.setup, .duration(.milliseconds(10) ... .seconds(600)),
            "How long a connection may exist without a setup. Until then it is limited to 1MiB "
                + "and does not count against limits.sessions.",
            example: "client: { setup: 5s }"),
        Setting(
            "client.ping", \.client.ping, .duration(.milliseconds(50) ... .seconds(3600)),
            "How often the client is pinged. Should be at least twice within `dead`, otherwise `check` warns.",
            example: "client: { ping: 10s }"),
        Setting(
            "client.dead", \.client.dead, .duration(.milliseconds(100) ... .seconds(86_400)),
            "After this time without any frame, and with a ping unanswered, the client is gone.",
            example: "client: { ping: 10s, dead: 30s }"),
        Setting(
            "client.park", \.client.park, .duration(.zero ... .seconds(86_400)),
            "How long the gemini side of a vanished client is kept for its return. 0ms: not at "
                + "all.",
            example: "client: { park: 1m }"),
    ]

    private static let ruleKeys: [Setting<Policy>] = Rule.allCases.map { rule in
        Setting(
            "turns.rules.\(rule.rawValue)", \.turns.rules[rule], .word, rule.meaning,
            example: "turns: { rules: { \(rule.rawValue): observe } }")
    }

    private static let turnKeys: [Setting<Policy>] = [
        Setting(
            "turns.dead_air", \.turns.deadAir, .duration(.milliseconds(10) ... .seconds(600)),
            "An open activity without a frame for this long is ended (rule dead_air). Networks "
                + "stutter: values below 1s cut speakers off.",
            example: "turns: { dead_air: 2s }"),
        Setting(
            "turns.min_activity", \.turns.minActivity, .duration(.zero ... .seconds(60)),
            "An activity shorter than this is held open until then (rule short_activity).",
            example: "turns: { min_activity: 300ms }"),
        Setting(
            "turns.lead_in", \.turns.leadIn, .duration(.zero ... .seconds(30)),
            "How much audio from before an activity is sent at its start, for clients whose voice "
                + "detector reacts late. 0ms: none.",
            example: "turns: { lead_in: 300ms }"),
        Setting(
            "turns.pause", \.turns.pause, .duration(.milliseconds(10) ... .seconds(600)),
            "Automatic VAD: a microphone that sends nothing for this long has paused (rule "
                + "stream_end_on_pause).",
            example: "turns: { pause: 1.5s }"),
        Setting(
            "turns.noise_hold", \.turns.noiseHold, .duration(.zero ... .milliseconds(150)),
            "How much voice proves that an activity right after an unanswered turn is not noise "
                + "(rule noise_hold); such speech is delayed by as much. 0ms: nothing is held.",
            example: "turns: { noise_hold: 100ms }"),
        Setting(
            "turns.flush", \.turns.flush, .choice(.duration(.seconds(1) ... .seconds(300))),
            "How often a long activity is flushed so that its transcription continues (rule "
                + "flush). profile: as the model needs it.",
            example: "turns: { flush: 15s }"),
    ]

    private static let stallKeys: [Setting<Policy>] = [
        Setting(
            "stalls.soft", \.stalls.soft,
            .choice(.duration(.milliseconds(10) ... .seconds(600))),
            "After this time without a sign of an answer the model is nudged. off: never.",
            example: "stalls: { soft: 6s }"),
        Setting(
            "stalls.hard", \.stalls.hard, .choice(.duration(.milliseconds(10) ... .seconds(600))),
            "After this time without a sign of an answer the connection is replaced. profile: after "
                + "18 s where a nudge came first, since the answer may just be slow; each further "
                + "connection for the same turn is given more. off: never.",
            example: "stalls: { hard: 12s }"),
        Setting(
            "stalls.nudges", \.stalls.nudges, .count(0...10), "How many times a turn is nudged.",
            example: "stalls: { nudges: 1 }"),
        Setting(
            "stalls.nudge_text", \.stalls.nudgeText, .text(limit: 1000),
            "The text of a nudge, on models whose nudge has a text.",
            example: "stalls: { nudge_text: \"Please go on.\" }"),
        Setting(
            "stalls.empty_turn_hold", \.stalls.emptyTurnHold, .duration(.zero ... .seconds(60)),
            "How long an empty turn is hidden from the client while it is nudged (rule "
                + "empty_turn).",
            example: "stalls: { empty_turn_hold: 1s }"),
    ]

    private static let recoveryKeys: [Setting<Policy>] = [
        Setting(
            "recovery.attempts", \.recovery.attempts, .count(0...100),
            "Connection attempts per failure, within `window`, before the turn counts as lost. "
                + "The count is reset when the turn has been answered. 0: no recovery.",
            example: "recovery: { attempts: 10 }"),
        Setting(
            "recovery.backoff", \.recovery.backoff,
            .list(
                of: .duration(.zero ... .seconds(300)), "durations", atLeast: 1, distinct: false),
            "Delays before the attempts, with jitter; the last one repeats.",
            example: "recovery: { backoff: [0ms, 1s, 5s] }"),
        Setting(
            "recovery.window", \.recovery.window, .duration(.milliseconds(10) ... .seconds(600)),
            "How long recovery from one failure may take before the turn counts as lost.",
            example: "recovery: { window: 30s }"),
        Setting(
            "recovery.per_session", \.recovery.perSession, .count(0...1000),
            "Reconnects per session that led to no answered turn: a guard against unlimited cost.",
            example: "recovery: { per_session: 10 }"),
        Setting(
            "recovery.per_10_minutes", \.recovery.per10Minutes, .count(0...1000),
            "The same, in any ten minutes.",
            example: "recovery: { per_10_minutes: 5 }"),
        Setting(
            "recovery.replay", \.recovery.replay, .flag,
            "Replay the unanswered user turn after a reconnect.",
            example: "recovery: { replay: false }"),
        Setting(
            "recovery.rebuild", \.recovery.rebuild, .flag,
            "Without a usable handle, seed a fresh session with the transcript so far.",
            example: "recovery: { rebuild: false }"),
        Setting(
            "recovery.cut_reply", \.recovery.cutReply, .word,
            "A reply cut off by a lost connection: continue from its last words (continue), start "
                + "it again (restart), continue if possible and otherwise start again (auto), end "
                + "it as interrupted and start it again (interrupt), or close the session (close).",
            example: "recovery: { cut_reply: restart }"),
        Setting(
            "recovery.continue_text", \.recovery.continueText, .orProfile(.text(limit: 1000)),
            "The request to continue a cut reply; {words} stands for its last words.",
            example: "recovery: { continue_text: \"Please go on after: {words}\" }"),
        Setting(
            "recovery.go_away", \.recovery.goAway, .word,
            "gemini's notice that it will close: handled by the proxy (hide) or passed on "
                + "(forward).",
            example: "recovery: { go_away: forward }"),
        Setting(
            "recovery.hold_audio", \.recovery.holdAudio, .duration(.zero ... .seconds(600)),
            "How much audio of the unanswered turn is kept, for a replay or until there is a "
                + "connection; 32 KB a second at 16 kHz, within limits.buffer.",
            example: "recovery: { hold_audio: 60s }"),
    ]

    private static let modelKeys: [Setting<Policy>] = [
        Setting(
            "models.allow", \.models.allow, .list(of: .modelPattern, "model patterns", atLeast: 1),
            "Models this tenant may use; a trailing * matches any ending. With a credential of "
                + "ours an id means Google's model in our own project; list other models by their "
                + "full name.",
            example: "models: { allow: [\"gemini-3.8-live*\"] }"),
        Setting(
            "models.pin", \.models.pin,
            .map(of: .model, to: .model, "mapping of model to model", names: { [$0] }),
            "Requested model -> model used instead.",
            example: "models: { pin: { gemini-live-latest: gemini-3.8-live } }"),
        Setting(
            "models.fallback", \.models.fallback,
            .orProfile(
                .map(
                    of: .model, to: .oneOrMore(.model, "models"), "mapping of model to models",
                    names: { $0 })),
            "Model -> the sibling, or siblings in order, that a session gets if the model fails. "
                + "profile: those of the model's profile, for running sessions only; new sessions "
                + "avoid a failing model only if this key names its sibling.",
            example:
                "models: { fallback: { gemini-3.8-live: gemini-3.1-flash-live-preview } }"),
        Setting(
            "models.breaker", \.models.breakerIsOn, .keys(orWord: "off"),
            "Whether new sessions skip a failing model until a probe succeeds.",
            example: "models: { breaker: off }"),
        Setting(
            "models.breaker.window", \.models.breakerValues.window, .count(1...1000),
            "How many of the latest attempts to answer a session's first turn are considered.",
            example: "models: { breaker: { window: 20 } }", when: { $0.models.breakerIsOn }),
        Setting(
            "models.breaker.failures", \.models.breakerValues.failures, .count(1...1000),
            "How many failures among them open the breaker.",
            example: "models: { breaker: { failures: 8 } }", when: { $0.models.breakerIsOn }),
        Setting(
            "models.breaker.sessions", \.models.breakerValues.sessions, .count(1...1000),
            "How many different sessions they must come from: one broken client is not an outage.",
            example: "models: { breaker: { sessions: 5 } }", when: { $0.models.breakerIsOn }),
        Setting(
            "models.breaker.probe", \.models.breakerValues.probe,
            .duration(.milliseconds(10) ... .seconds(86_400)),
            "How often one session tries a skipped model.",
            example: "models: { breaker: { probe: 2m } }", when: { $0.models.breakerIsOn }),
    ]

    private static let limitKeys: [Setting<Policy>] = [
        Setting(
            "limits.sessions", \.limits.sessions, .count(1...1_000_000),
            "Concurrent sessions.", example: "limits: { sessions: 50 }"),
        Setting(
            "limits.message", \.limits.message, .size(64...256 << 20),
            "Largest message either side may send; larger ones close with 1009.",
            example: "limits: { message: 1MiB }"),
        Setting(
            "limits.messages_per_second", \.limits.messagesPerSecond, .count(1...1_000_000),
            "Messages per second from a client; faster ones wait.",
            example: "limits: { messages_per_second: 100 }"),
        Setting(
            "limits.session", \.limits.session,
            .duration(.milliseconds(10) ... .seconds(7 * 86_400)),
            "Longest session.", example: "limits: { session: 30m }"),
        Setting(
            "limits.buffer", \.limits.buffer, .size(1 << 10...1 << 30),
            "Most data held for one session: its setup, what waits for a slow peer or a connection, what may "
                + "have to be said again.",
            example: "limits: { buffer: 8MiB }"),
        Setting(
            "budget.session_usd", \.budget.sessionMicroUSD,
            .optional(.dollars(0...1_000_000_000_000)),
            "What one session may cost, with the earlier ones of its conversation. null: unlimited.",
            example: "budget: { session_usd: 0.50 }"),
        Setting(
            "budget.day_usd", \.budget.dayMicroUSD, .optional(.dollars(0...1_000_000_000_000)),
            "What all sessions of one UTC day may cost together. null: unlimited.",
            example: "budget: { day_usd: 25 }"),
        Setting(
            "budget.session_tokens", \.budget.sessionTokens,
            .optional(.tokens(0...1_000_000_000_000)),
            "Tokens one session may use, with the earlier ones of its conversation. null: unlimited.",
            example: "budget: { session_tokens: 200000 }"),
    ]

    private static let logKeys: [Setting<Policy>] = [
        Setting(
            "log.transcripts", \.log.transcripts, .flag,
            "Keep transcripts in timeline and ledger.",
            example: "log: { transcripts: false }"),
        Setting(
            "log.tool_arguments", \.log.toolArguments, .flag,
            "Keep the arguments of tool calls, and their results.",
            example: "log: { tool_arguments: true }"),
        Setting(
            "log.record", \.log.record, .word,
            "Record each new session for `turnkeeper replay`, with the words and arguments that "
                + "the keys above permit, without audio. audio: with audio.",
            example: "log: { record: on }"),
    ]
}

extension Policy.Models {
    var breakerIsOn: Bool {
        get { breaker != nil }
        set { breaker = newValue ? breakerValues : nil }
    }
    var breakerValues: Policy.Breaker {
        get { breaker ?? Policy.Breaker() }
        set { breaker = newValue }
    }
}

extension Rule {
    /// What the rule does, as in the reference.
    public var meaning: String {
        switch self {
        case .audioOutsideActivity:
            "Manual VAD: audio between activityEnd and activityStart is not forwarded."
        case .secondSetup: "A second setup on one client socket is refused with 1007."
        case .repeatedActivity: "A second activityStart or activityEnd in a row is dropped."
        case .emptyActivity:
            "An activity without audio gets 100 ms of silence, because Gemini closes on an empty "
                + "activity."
        case .shortActivity: "An activityEnd earlier than turns.min_activity is held until then."
        case .streamEndInManual: "Manual VAD: audioStreamEnd is dropped."
        case .earlyInput: "Input before setupComplete is held, then released in order."
        case .deadAir: "An open activity whose audio has stopped for turns.dead_air is ended."
        case .noiseHold:
            "An activityStart right after an unanswered turn waits until its audio is voiced."
        case .streamEndOnPause:
            "Automatic VAD: a pause is announced in the form the model's profile takes."
        case .flush:
            "Long activities are flushed for the transcription; clients' own flushes are swallowed "
                + "where they do harm."
        case .setupFields: "Setup fields known to break the model are removed."
        case .resumptionInserted:
            "sessionResumption is requested even if the client did not; the handles stay in the "
                + "proxy."
        case .keepalive:
            "Both sides are pinged, and a peer that gives no sign of life is dropped. observe: that is "
                + "only reported. off: no pings. A client's own pings are always answered by the proxy."
        case .emptyTurn:
            "A bare turnComplete that answers a real turn is held while the turn is nudged."
        case .phantomInterrupted:
            "An interrupted with nothing to interrupt is not forwarded; the session becomes "
                + "suspect."
        case .goAway: "gemini's goAway is handled by the proxy and not forwarded."
        case .combinedInput:
            "An activity boundary combined with other input is split into one message each, in "
                + "order."
        case .toolGate:
            "Real-time input during a tool call waits for its end, on models that close on it."
        case .contentAsText:
            "clientContent that is only a user's text is sent as realtimeInput.text, on models "
                + "that close on clientContent."
        case .transcriptionInserted:
            "Transcription is requested even if the client did not; the proxy keeps the words for "
                + "a new connection."
        case .handleReplaced:
            "The resumption handles that a client sees are turnkeeper's, valid for longer than "
                + "gemini's."
        }
    }
}
