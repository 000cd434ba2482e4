import Basics

extension Policy {
    /// Every key of a policy file, in the order of the reference.
    public static let schema = Schema<Policy>(
        identityKeys + upstreamKeys + clientKeys + ruleKeys + turnKeys + stallKeys + recoveryKeys
            + modelKeys + limitKeys + logKeys)

    private static let identityKeys: [Setting<Policy>] = [
        Setting(
            "tenant", \.tenant, .name,
            "What metrics, the ledger and logs call this tenant. Absent: the file's name.",
            example: "tenant: acme", isOwn: true),
        Setting(
            "inherits", \.inherits, .optional(.name),
            "The tenant whose values this one starts from; sections merge key by key, lists and "
                + "maps are replaced whole. null: the built-in defaults. `tenant`, `inherits` and "
                + "`match` are never inherited.",
            example: "inherits: default", isOwn: true),
        Setting(
            "match.keys", \.match.keys, .list(of: .secret(mayBeHash: true), "secrets", atLeast: 1),
            "What this tenant's clients present as their API key. Required but in default.yaml, "
                + "which serves everyone no other file matches and takes none.",
            example: "match: { keys: [env:ACME_CLIENT_KEY] }", isOwn: true, isCommentedOut: true),
        Setting(
            "match.origins", \.match.origins, .list(of: .origin, "origins"),
            "Browsers: the values of Origin that are let in; others get 403. Empty: all are.",
            example: "match: { origins: [\"https://app.acme.example\"] }", isOwn: true),
        Setting(
            "match.anyone", \.match.anyone, .flag,
            "Only in default.yaml: whether everyone no other file matches is served. Where absent: "
                + "yes with the client's own key, no with a credential of ours (upstream.key, "
                + "upstream.credentials). false: a template that others inherit from.",
            example: "match: { anyone: true }", isOwn: true, isCommentedOut: true),
        Setting(
            "mode", \.mode, .word,
            "observe: rules and remedies change, drop, hold, make up and send again nothing; facts "
                + "and metrics say what would have been, up to the first remedy of a turn. "
                + "Credentials, models.allow, limits and budgets stay in force.",
            example: "mode: observe"),
    ]

    private static let upstreamKeys: [Setting<Policy>] = [
        Setting(
            "upstream.url", \.upstream.url, .endpoint,
            "Where gemini is. The client's own path and query are passed on.",
            example: "upstream: { url: \"ws://127.0.0.1:9090\" }"),
        Setting(
            "upstream.key", \.upstream.key, .optional(.secret(mayBeHash: false)),
            "The API key gemini sees instead of the client's. null: the client's own is passed on.",
            example: "upstream: { key: env:GEMINI_API_KEY }"),
        Setting(
            "upstream.credentials", \.upstream.credentials, .optional(.credentials),
            "Vertex: where the OAuth access token comes from that gemini sees instead of the client's "
                + "key: a service account's key file, or the metadata server of the machine. It is "
                + "refreshed ten minutes before it expires. Not beside upstream.key.",
            example: "upstream: { credentials: file:/run/secrets/service-account.json }"),
        Setting(
            "upstream.project", \.upstream.project, .optional(.name),
            "Vertex, with upstream.credentials: the project whose models `models.allow` stands for. "
                + "null: the key file's project_id, or GOOGLE_CLOUD_PROJECT.",
            example: "upstream: { project: acme-prod }"),
        Setting(
            "upstream.path", \.upstream.path, .optional(.urlPath),
            "Put before the client's path, for a gateway. What a balancer before us left there is "
                + "cut off first.",
            example: "upstream: { path: /gemini }"),
        Setting(
            "upstream.ca_file", \.upstream.caFile, .optional(.path),
            "Certificates (PEM) gemini's is checked against. null: those of the system.",
            example: "upstream: { ca_file: /etc/ssl/private-ca.pem }"),
        Setting(
            "upstream.rest", \.upstream.rest, .word,
            "The vendor's REST paths (/v1beta/models/... and so on): passed on with the key swapped "
                + "(pass), or answered with 403 (refuse). auto: passed on where the client's own key "
                + "is, for one of ours pays for what is not counted here.",
            example: "upstream: { rest: pass }"),
        Setting(
            "upstream.connect", \.upstream.connect, .duration(.milliseconds(10) ... .seconds(600)),
            "How long a dial may take: TCP and TLS.", example: "upstream: { connect: 3s }"),
        Setting(
            "upstream.setup", \.upstream.setup, .duration(.milliseconds(10) ... .seconds(600)),
            "How long gemini may take to answer setup; 300 ms is usual.",
            example: "upstream: { setup: 10s }"),
        Setting(
            "upstream.ping", \.upstream.ping, .duration(.milliseconds(50) ... .seconds(3600)),
            "How often gemini is pinged; at least twice within `dead`.",
            example: "upstream: { ping: 10s }"),
        Setting(
            "upstream.dead", \.upstream.dead, .duration(.milliseconds(100) ... .seconds(86_400)),
            "Without any frame for so long, and with a ping unanswered, gemini's connection is "
                + "dead. Be generous: pongs have been 30 s late.",
            example: "upstream: { dead: 40s }"),
    ]

    private static let clientKeys: [Setting<Policy>] = [
        Setting(
            "client.setup", \.client.setup, .duration(.milliseconds(10) ... .seconds(600)),
            "How long a connection may last without a setup; until then it is held to 1MiB, and does "
                + "not count among limits.sessions.",
            example: "client: { setup: 5s }"),
        Setting(
            "client.ping", \.client.ping, .duration(.milliseconds(50) ... .seconds(3600)),
            "How often the client is pinged; at least twice within `dead`.",
            example: "client: { ping: 10s }"),
        Setting(
            "client.dead", \.client.dead, .duration(.milliseconds(100) ... .seconds(86_400)),
            "Without any frame for so long, and with a ping unanswered, the client is gone.",
            example: "client: { dead: 30s }"),
        Setting(
            "client.park", \.client.park, .duration(.zero ... .seconds(86_400)),
            "How long the gemini side of a client that vanished is kept for its return. 0ms: not.",
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
            "An open activity without a frame for so long is ended (rule dead_air). Networks "
                + "stutter: below 1s it will cut speakers off.",
            example: "turns: { dead_air: 2s }"),
        Setting(
            "turns.min_activity", \.turns.minActivity, .duration(.zero ... .seconds(60)),
            "An activity shorter than this is held open until then (rule short_activity).",
            example: "turns: { min_activity: 300ms }"),
        Setting(
            "turns.lead_in", \.turns.leadIn, .duration(.zero ... .seconds(30)),
            "Of the audio before an activity, how much is kept and sent at its start, for clients "
                + "whose detector fires late. 0ms: none.",
            example: "turns: { lead_in: 300ms }"),
        Setting(
            "turns.pause", \.turns.pause, .duration(.milliseconds(10) ... .seconds(600)),
            "Automatic VAD: a microphone silent for so long has paused (rule stream_end_on_pause).",
            example: "turns: { pause: 1.5s }"),
        Setting(
            "turns.noise_hold", \.turns.noiseHold, .duration(.zero ... .milliseconds(150)),
            "How much voice proves that an activity right after an unanswered turn is no noise "
                + "(rule noise_hold); such speech comes so much later. 0ms: nothing is held.",
            example: "turns: { noise_hold: 100ms }"),
        Setting(
            "turns.flush", \.turns.flush, .choice(.duration(.seconds(1) ... .seconds(300))),
            "How often a long activity is flushed so that its transcription goes on (rule flush). "
                + "profile: where the model needs it.",
            example: "turns: { flush: 15s }"),
    ]

    private static let stallKeys: [Setting<Policy>] = [
        Setting(
            "stalls.soft", \.stalls.soft,
            .choice(.duration(.milliseconds(10) ... .seconds(600))),
            "After so long without a sign of an answer the model is nudged. off: never.",
            example: "stalls: { soft: 6s }"),
        Setting(
            "stalls.hard", \.stalls.hard, .choice(.duration(.milliseconds(10) ... .seconds(600))),
            "After so long without a sign of an answer the connection is replaced. off: never.",
            example: "stalls: { hard: 12s }"),
        Setting(
            "stalls.nudges", \.stalls.nudges, .count(0...10), "How often a turn is nudged.",
            example: "stalls: { nudges: 1 }"),
        Setting(
            "stalls.nudge_text", \.stalls.nudgeText, .text(limit: 1000),
            "What a nudge says, where it says anything.",
            example: "stalls: { nudge_text: \"Please go on.\" }"),
        Setting(
            "stalls.empty_turn_hold", \.stalls.emptyTurnHold, .duration(.zero ... .seconds(60)),
            "How long an empty turn is kept from the client while it is nudged (rule empty_turn).",
            example: "stalls: { empty_turn_hold: 1s }"),
    ]

    private static let recoveryKeys: [Setting<Policy>] = [
        Setting(
            "recovery.attempts", \.recovery.attempts, .count(0...100),
            "Dials for one trouble, within `window`, before the turn counts as lost; given back once "
                + "the turn has ended answered. 0: no recovery.",
            example: "recovery: { attempts: 10 }"),
        Setting(
            "recovery.backoff", \.recovery.backoff,
            .list(
                of: .duration(.zero ... .seconds(300)), "durations", atLeast: 1, distinct: false),
            "Waits before the dials, jittered; the last one repeats.",
            example: "recovery: { backoff: [0ms, 1s, 5s] }"),
        Setting(
            "recovery.window", \.recovery.window, .duration(.milliseconds(10) ... .seconds(600)),
            "How long one trouble may last before the turn counts as lost.",
            example: "recovery: { window: 30s }"),
        Setting(
            "recovery.per_session", \.recovery.perSession, .count(0...1000),
            "Reconnects in the life of a session that led to no answered turn: a guard against "
                + "billing without end.",
            example: "recovery: { per_session: 10 }"),
        Setting(
            "recovery.per_10_minutes", \.recovery.per10Minutes, .count(0...1000),
            "The same, in any ten minutes.",
            example: "recovery: { per_10_minutes: 5 }"),
        Setting(
            "recovery.replay", \.recovery.replay, .flag,
            "Send the unanswered user turn again after a reconnect.",
            example: "recovery: { replay: false }"),
        Setting(
            "recovery.rebuild", \.recovery.rebuild, .flag,
            "Without a usable handle, seed a fresh session with the transcript so far.",
            example: "recovery: { rebuild: false }"),
        Setting(
            "recovery.cut_reply", \.recovery.cutReply, .word,
            "A reply cut off by a lost connection: it goes on from the last words (continue), is "
                + "spoken anew (restart), goes on where that is possible and is spoken anew "
                + "elsewhere (auto), is ended as interrupted and then spoken anew (interrupt), or "
                + "the client is told (close).",
            example: "recovery: { cut_reply: restart }"),
        Setting(
            "recovery.continue_text", \.recovery.continueText, .orProfile(.text(limit: 1000)),
            "What asks the model to go on with a cut reply; {words} stands for its last words.",
            example: "recovery: { continue_text: \"Please go on after: {words}\" }"),
        Setting(
            "recovery.go_away", \.recovery.goAway, .word,
            "gemini's notice that it will close: handled here (hide) or passed on (forward).",
            example: "recovery: { go_away: forward }"),
        Setting(
            "recovery.hold_audio", \.recovery.holdAudio, .duration(.zero ... .seconds(600)),
            "How much sound of the turn that waits is held, to be said again or until there is a "
                + "connection; 32 KB a second at 16 kHz, within limits.buffer.",
            example: "recovery: { hold_audio: 60s }"),
    ]

    private static let modelKeys: [Setting<Policy>] = [
        Setting(
            "models.allow", \.models.allow, .list(of: .modelPattern, "model patterns", atLeast: 1),
            "Models this tenant may use; * at the end stands for any rest. With a credential of ours "
                + "an id means Google's model in our own project; others stand here by their whole "
                + "name.",
            example: "models: { allow: [\"gemini-3.8-live*\"] }"),
        Setting(
            "models.pin", \.models.pin,
            .map(of: .model, to: .model, "mapping of model to model", names: { [$0] }),
            "Model asked for -> model used instead.",
            example: "models: { pin: { gemini-live-latest: gemini-3.8-live } }"),
        Setting(
            "models.fallback", \.models.fallback,
            .orProfile(
                .map(
                    of: .model, to: .oneOrMore(.model, "models"), "mapping of model to models",
                    names: { $0 })),
            "Model -> the sibling, or the siblings in order, that a session gets where the model "
                + "is of no use. profile: those of the model's profile, and only for a session "
                + "that has begun; new ones avoid a failing model where this key names its sibling.",
            example:
                "models: { fallback: { gemini-3.8-live: gemini-3.1-flash-live-preview } }"),
        Setting(
            "models.breaker", \.models.breakerIsOn, .keys(orWord: "off"),
            "Whether a failing model is skipped for new sessions, probed and taken back.",
            example: "models: { breaker: off }"),
        Setting(
            "models.breaker.window", \.models.breakerValues.window, .count(1...1000),
            "How many of the latest attempts to answer a session's first turn are looked at.",
            example: "models: { breaker: { window: 20 } }", when: { $0.models.breakerIsOn }),
        Setting(
            "models.breaker.failures", \.models.breakerValues.failures, .count(1...1000),
            "So many failures among them open the breaker.",
            example: "models: { breaker: { failures: 8 } }", when: { $0.models.breakerIsOn }),
        Setting(
            "models.breaker.sessions", \.models.breakerValues.sessions, .count(1...1000),
            "They must come from at least so many sessions: one broken client is no outage.",
            example: "models: { breaker: { sessions: 5 } }", when: { $0.models.breakerIsOn }),
        Setting(
            "models.breaker.probe", \.models.breakerValues.probe,
            .duration(.milliseconds(10) ... .seconds(86_400)),
            "How often one session tries a model that is skipped.",
            example: "models: { breaker: { probe: 2m } }", when: { $0.models.breakerIsOn }),
    ]

    private static let limitKeys: [Setting<Policy>] = [
        Setting(
            "limits.sessions", \.limits.sessions, .count(1...1_000_000),
            "Sessions at a time.", example: "limits: { sessions: 50 }"),
        Setting(
            "limits.message", \.limits.message, .size(64...256 << 20),
            "Largest message either side may send; larger ones close with 1009.",
            example: "limits: { message: 1MiB }"),
        Setting(
            "limits.messages_per_second", \.limits.messagesPerSecond, .count(1...1_000_000),
            "Messages a client may send; faster ones wait.",
            example: "limits: { messages_per_second: 100 }"),
        Setting(
            "limits.session", \.limits.session,
            .duration(.milliseconds(10) ... .seconds(7 * 86_400)),
            "Longest session.", example: "limits: { session: 30m }"),
        Setting(
            "limits.buffer", \.limits.buffer, .size(1 << 10...1 << 30),
            "Most that is held for one session, for a slow peer or a replay.",
            example: "limits: { buffer: 8MiB }"),
        Setting(
            "budget.session_usd", \.budget.sessionMicroUSD,
            .optional(.dollars(0...1_000_000_000_000)),
            "What one session may cost. null: no bound.", example: "budget: { session_usd: 0.50 }"),
        Setting(
            "budget.day_usd", \.budget.dayMicroUSD, .optional(.dollars(0...1_000_000_000_000)),
            "What all sessions of one UTC day may cost together. null: no bound.",
            example: "budget: { day_usd: 25 }"),
        Setting(
            "budget.session_tokens", \.budget.sessionTokens,
            .optional(.tokens(0...1_000_000_000_000)),
            "Tokens one session may bill. null: no bound.",
            example: "budget: { session_tokens: 200000 }"),
    ]

    private static let logKeys: [Setting<Policy>] = [
        Setting(
            "log.transcripts", \.log.transcripts, .flag,
            "Keep what was said, as text, in timeline and ledger.",
            example: "log: { transcripts: false }"),
        Setting(
            "log.tool_arguments", \.log.toolArguments, .flag,
            "Keep the arguments of tool calls.", example: "log: { tool_arguments: true }"),
        Setting(
            "log.record", \.log.record, .word,
            "Keep a trace of each new session that `turnkeeper replay` can step through. It holds "
                + "what the keys above let be kept, and no sound; audio: that too.",
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
    /// What it does, in the words of the reference.
    public var meaning: String {
        switch self {
        case .audioOutsideActivity:
            "Manual VAD: audio between activityEnd and activityStart is not forwarded."
        case .secondSetup: "A second setup on one client socket is refused with 1007."
        case .repeatedActivity: "A second activityStart or activityEnd in a row is dropped."
        case .emptyActivity:
            "An activity without audio gets 100 ms of silence, for an empty one is fatal."
        case .shortActivity: "An activityEnd sooner than turns.min_activity is held until then."
        case .streamEndInManual: "Manual VAD: audioStreamEnd is dropped."
        case .earlyInput: "Input before setupComplete is held, then released in order."
        case .deadAir: "An open activity whose audio has stopped for turns.dead_air is ended."
        case .noiseHold:
            "An activityStart right after an unanswered turn waits until its audio is voiced."
        case .streamEndOnPause:
            "Automatic VAD: a pause is announced in the form the model's profile takes."
        case .flush:
            "Long activities are flushed for the transcription; clients' own flushes are swallowed "
                + "where they harm."
        case .setupFields: "Setup fields the model is known to die of are removed."
        case .resumptionInserted:
            "sessionResumption is asked for where the client did not; the handles stay here."
        case .keepalive:
            "Both sides are pinged, and one that gives no sign of life is left. observe: that is only "
                + "told. off: nobody is pinged. A client's own pings are answered here in any case."
        case .emptyTurn:
            "A bare turnComplete that answers a real turn is held while the turn is nudged."
        case .phantomInterrupted:
            "An interrupted with nothing to interrupt is not forwarded; the session is suspect."
        case .goAway: "gemini's goAway is handled here and not forwarded."
        case .combinedInput:
            "An activity boundary beside other input is sent as one message each, in order."
        case .toolGate:
            "Real-time input during a tool call waits for its end, on models that die of it."
        case .contentAsText:
            "clientContent with nothing but a text of the user goes as realtimeInput.text, on models "
                + "that close on the other."
        case .transcriptionInserted:
            "Transcription is asked for where the client did not; the words stay here, for a new "
                + "connection to be told."
        case .handleReplaced:
            "The resumption handles a client is shown are turnkeeper's, good for longer than gemini's."
        }
    }
}
