/// Every metric there is: the only place where a metric's name is written. Boards, alerts and
/// documentation are rendered from it.
public enum Catalogue {
    /// In the order of `Metric.allCases`, which is also the order of the exposition.
    public static let all: [Metric.Definition] = Metric.allCases.map(define)

    private static func define(_ metric: Metric) -> Metric.Definition {
        switch metric {
        case .sessionsActive, .sessions, .turns, .stalls, .nudges, .reconnects, .geminiCloses,
            .clientCloses, .rules, .limits, .toolCalls:
            conversation(metric)
        case .firstAudio, .recovery, .forward, .geminiRoundTrip:
            latency(metric)
        case .tokens, .cost, .audio, .bytes, .messages, .buffered, .breakerOpen:
            volume(metric)
        case .policyReload, .ledgerQueue, .ledgerLost, .processStart, .processCPU,
            .processResident, .processOpenFiles, .processMaximumFiles:
            health(metric)
        }
    }

    private static func conversation(_ metric: Metric) -> Metric.Definition {
        switch metric {
        case .sessionsActive:
            tenant(metric, "sessions_active", .gauge, "Sessions open now.")
        case .sessions:
            tenant(metric, "sessions_total", .counter, "Sessions ended, by outcome.", ["outcome"])
        case .turns:
            tenant(metric, "turns_total", .counter, "Turns ended, by outcome.", ["outcome"])
        case .stalls:
            tenant(metric, "stalls_total", .counter, "Stalled turns detected, by kind.", ["kind"])
        case .nudges:
            tenant(metric, "nudges_total", .counter, "Nudges sent, by result.", ["result"])
        case .reconnects:
            tenant(
                metric, "reconnects_total", .counter,
                "Connections to gemini opened to replace one, by reason and result.",
                ["reason", "result"])
        case .geminiCloses:
            tenant(
                metric, "gemini_closes_total", .counter,
                "Connections that gemini ended, by close code and class of its reason.",
                ["code", "class"])
        case .clientCloses:
            tenant(
                metric, "client_closes_total", .counter,
                "Client connections ended, by close code and who ended them.", ["code", "by"])
        case .rules:
            tenant(
                metric, "rule_total", .counter,
                "Times a rule applied, or in mode observe would have.", ["rule", "mode"])
        case .limits:
            tenant(
                metric, "limits_total", .counter,
                "Times a bound of the policy was met, by its key.", ["limit"])
        default:
            tenant(metric, "tool_calls_total", .counter, "Tool calls, by result.", ["result"])
        }
    }

    private static func latency(_ metric: Metric) -> Metric.Definition {
        switch metric {
        case .firstAudio:
            tenant(
                metric, "first_audio_seconds",
                .histogram(
                    bounds: [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.5, 2, 3, 5, 8, 13, 20],
                    reason: """
                        People notice a pause from about 0.2 s and talk over one of 1 s, so the \
                        steps are fine below 1 s; the hard clocks of the profiles end by 20 s.
                        """),
                "From the end of the user's turn to the first sound of its answer.",
                unit: .seconds)
        case .recovery:
            tenant(
                metric, "recovery_seconds",
                .histogram(
                    bounds: [0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60],
                    reason: """
                        A warm resume takes one handshake, 0.1 to 1 s; the default recovery \
                        window ends at 30 s, and one bound lies beyond it.
                        """),
                "From trouble seen to the next output of the model.", unit: .seconds)
        case .forward:
            tenant(
                metric, "forward_seconds",
                .histogram(
                    bounds: [
                        0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5,
                        0.001, 0.005, 0.025, 0.1,
                    ],
                    reason: """
                        A message that no rule touches costs about 20 microseconds; one audio \
                        frame lasts 20 to 100 ms, so what passes 25 ms is heard.
                        """),
                "Time a message spends inside the proxy.", unit: .seconds)
        default:
            tenant(
                metric, "gemini_rtt_seconds",
                .histogram(
                    bounds: [0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 3],
                    reason: """
                        Same region, same continent and another continent lie at about 10, 30 \
                        and 150 ms; above 1 s the link is as good as dead.
                        """),
                "Round trip of a ping to gemini.", unit: .seconds)
        }
    }

    private static func volume(_ metric: Metric) -> Metric.Definition {
        switch metric {
        case .tokens:
            tenant(
                metric, "tokens_total", .counter,
                "Tokens, reported by gemini or estimated from bytes.",
                ["direction", "modality", "source"])
        case .cost:
            tenant(
                metric, "cost_usd_total", .counter,
                "Cost in US dollars, at the prices of the profile.", unit: .usd)
        case .audio:
            tenant(
                metric, "audio_seconds_total", .counter, "Audio sent by a peer, as it plays.",
                ["peer"], unit: .seconds)
        case .bytes:
            tenant(
                metric, "bytes_total", .counter,
                "Payload bytes of messages, by peer and direction seen from the proxy.",
                ["peer", "direction"], unit: .bytes)
        case .messages:
            tenant(
                metric, "messages_total", .counter,
                "Messages received, by the peer that sent them and their kind.", ["peer", "kind"])
        case .buffered:
            tenant(
                metric, "buffer_bytes", .gauge, "Bytes that sessions hold back or keep for replay.",
                unit: .bytes)
        default:
            tenant(
                metric, "breaker_open", .gauge,
                "1 while new sessions avoid the model because it fails, else 0.", merge: .maximum)
        }
    }

    private static func health(_ metric: Metric) -> Metric.Definition {
        switch metric {
        case .policyReload:
            other(
                metric, .service, "policy_reload_success", .gauge,
                "1 if the newest load of policies succeeded, 0 if the old ones stay in force.",
                merge: .minimum)
        case .ledgerQueue:
            other(
                metric, .service, "ledger_queue", .gauge, "Records that wait for the ledger writer."
            )
        case .ledgerLost:
            other(
                metric, .service, "ledger_lost_total", .counter,
                "Records the ledger could not take.")
        case .processStart:
            other(
                metric, .process, "start_time_seconds", .gauge,
                "Start of the process, in seconds since 1970.", unit: .seconds, merge: .maximum)
        case .processCPU:
            other(
                metric, .process, "cpu_seconds_total", .counter,
                "User and system CPU time spent.", unit: .seconds)
        case .processResident:
            other(
                metric, .process, "resident_memory_bytes", .gauge, "Resident memory.",
                unit: .bytes, merge: .maximum)
        case .processOpenFiles:
            other(
                metric, .process, "open_fds", .gauge, "Open file descriptors.", merge: .maximum)
        default:
            other(
                metric, .process, "max_fds", .gauge, "The limit of open file descriptors.",
                merge: .maximum)
        }
    }

    private static func tenant(
        _ metric: Metric, _ name: String, _ kind: Metric.Kind, _ help: String,
        _ labels: [String] = [], unit: Metric.Unit = .none, merge: Metric.Merge = .sum
    ) -> Metric.Definition {
        Metric.Definition(
            metric: metric, name: name, kind: kind, help: help,
            labels: ["tenant", "model"] + labels, unit: unit, scope: .tenant, merge: merge)
    }

    private static func other(
        _ metric: Metric, _ scope: Metric.Scope, _ name: String, _ kind: Metric.Kind,
        _ help: String, unit: Metric.Unit = .none, merge: Metric.Merge = .sum
    ) -> Metric.Definition {
        Metric.Definition(
            metric: metric, name: name, kind: kind, help: help, labels: [], unit: unit,
            scope: scope, merge: merge)
    }
}
