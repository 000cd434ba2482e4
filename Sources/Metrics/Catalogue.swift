/// Every metric: the only place where a metric's name is written. Boards, alerts and documentation
/// are generated from it.
public enum Catalogue {
    /// In the order of `Metric.allCases`, which is also the order of the exposition.
    public static let all: [Metric.Definition] = Metric.allCases.map(define)

    private static func define(_ metric: Metric) -> Metric.Definition {
        switch metric {
        case .sessionsActive, .sessions, .turns, .stalls, .nudges, .reconnects, .geminiCloses,
            .clientCloses, .rules, .limits, .restRequests, .toolCalls:
            conversation(metric)
        case .firstAudio, .recovery, .forward, .geminiRoundTrip, .warm:
            latency(metric)
        case .tokens, .cost, .audio, .bytes, .messages, .buffered, .breakerOpen, .budget,
            .budgetUsed:
            volume(metric)
        case .refusals, .policyReload, .ledgerQueue, .ledgerLost, .ledgerWell,
            .conversationsWaiting, .conversationsOldest, .conversationsDelay, .conversationsLost,
            .logLost, .notifyQueue, .notifyAttempts, .notifyLost, .workerSessions, .workerCPU,
            .memoryUsed, .memoryBound, .unopened,
            .eventReaders, .eventReadersDropped, .build:
            health(metric)
        case .processStart, .processCPU, .processResident, .processOpenFiles, .processMaximumFiles:
            process(metric)
        }
    }

    private static func conversation(_ metric: Metric) -> Metric.Definition {
        switch metric {
        case .sessionsActive:
            tenant(metric, "sessions_active", .gauge, "Sessions open now.")
        case .sessions:
            tenant(
                metric, "sessions_total", .counter, "Sessions ended, by outcome.",
                [("outcome", Labels.sessionOutcomes)])
        case .turns:
            tenant(
                metric, "turns_total", .counter, "Turns ended, by outcome.",
                [("outcome", Labels.turnOutcomes)])
        case .stalls:
            tenant(
                metric, "stalls_total", .counter, "Stalled turns detected, by kind.",
                [("kind", Labels.stallKinds)])
        case .nudges:
            tenant(
                metric, "nudges_total", .counter, "Nudges sent, by result.",
                [("result", Labels.nudgeResults)])
        case .reconnects:
            tenant(
                metric, "reconnects_total", .counter,
                "Connections to gemini opened to replace one, by reason and result.",
                [("reason", Labels.reconnectReasons), ("result", Labels.reconnectResults)])
        case .geminiCloses:
            tenant(
                metric, "gemini_closes_total", .counter,
                "Connections that gemini ended, by close code and class of its reason.",
                [("code", Labels.closeCodes), ("class", Labels.closeClasses)])
        case .clientCloses:
            tenant(
                metric, "client_closes_total", .counter,
                "Client connections ended, by close code and who ended them.",
                [("code", Labels.closeCodes), ("by", Labels.authors)])
        case .rules:
            tenant(
                metric, "rule_total", .counter,
                "Times a rule applied, or in mode observe would have.",
                [("rule", []), ("mode", Labels.modes)])
        case .limits:
            tenant(
                metric, "limits_total", .counter,
                "Times a limit of the policy was reached, by its key.", [("limit", Labels.limits)])
        case .restRequests:
            tenant(
                metric, "rest_requests_total", .counter, "REST requests ended, by outcome.",
                [("outcome", Labels.restOutcomes)])
        default:
            tenant(
                metric, "tool_calls_total", .counter, "Tool calls, by result.",
                [("result", Labels.toolResults)])
        }
    }

    private static func latency(_ metric: Metric) -> Metric.Definition {
        switch metric {
        case .warm:
            tenant(
                metric, "warm_connections_total", .counter,
                "Connections to gemini opened in advance (upstream.warm), by what became of them.",
                [("outcome", Labels.warmOutcomes)])
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
                        window ends at 60 s.
                        """),
                "From trouble to the next output of the model.", unit: .seconds)
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
                [
                    ("direction", ["prompt", "response"]), ("modality", Labels.modalities),
                    ("source", ["reported", "estimated"]),
                ])
        case .cost:
            tenant(
                metric, "cost_usd_total", .counter,
                "Cost in US dollars, at the prices of the profile.", unit: .usd)
        case .audio:
            tenant(
                metric, "audio_seconds_total", .counter, "Audio sent by a peer, as it plays.",
                [("peer", Labels.peers)], unit: .seconds)
        case .bytes:
            tenant(
                metric, "bytes_total", .counter,
                "Payload bytes of messages, by peer and direction seen from the proxy.",
                [("peer", Labels.peers), ("direction", ["received", "sent"])], unit: .bytes)
        case .messages:
            tenant(
                metric, "messages_total", .counter,
                "Messages received, by the peer that sent them and their kind.",
                [("peer", Labels.peers), ("kind", Labels.messageKinds)])
        case .buffered:
            tenant(
                metric, "buffer_bytes", .gauge,
                "Bytes that sessions hold back or keep for replay, and that other traffic waits with.",
                unit: .bytes)
        case .budget:
            tenant(
                metric, "budget_usd", .gauge,
                "A tenant's budget, for all models together.",
                [("kind", [])], unit: .usd, merge: .maximum)
        case .budgetUsed:
            tenant(
                metric, "budget_used_usd", .gauge, "What the tenant has spent of its budget.",
                [("kind", [])], unit: .usd, merge: .maximum)
        default:
            tenant(
                metric, "breaker_open", .gauge,
                "1 while new sessions avoid the model because it fails, else 0.", merge: .maximum)
        }
    }

    private static func health(_ metric: Metric) -> Metric.Definition {
        switch metric {
        case .refusals:
            Metric.Definition(
                metric: metric, name: "refusals_total", kind: .counter,
                help: "Refused clients, by status or close code and reason.",
                labels: ["code", "reason"], values: [Labels.refusalCodes, Labels.refusals],
                unit: .none, scope: .service, merge: .sum)
        case .policyReload:
            service(
                metric, "policy_reload_success", .gauge,
                "1 if the newest load of policies succeeded, 0 if the old ones stay in force.",
                merge: .minimum)
        case .memoryUsed:
            service(
                metric, "memory_bytes", .gauge,
                "Memory of the process, as compared with its limit.",
                unit: .bytes)
        case .memoryBound:
            service(
                metric, "memory_limit_bytes", .gauge,
                "The process's memory limit; from four fifths of it on sessions are refused.",
                unit: .bytes)
        case .unopened:
            service(
                metric, "connections_without_setup", .gauge,
                "Connections that have not sent a setup.")
        case .ledgerQueue:
            service(
                metric, "ledger_queue", .gauge,
                "Records waiting for the ledger writer, and rows waiting for its database.")
        case .ledgerLost:
            service(
                metric, "ledger_lost_total", .counter,
                "Records that could not be written to the ledger.")
        case .ledgerWell:
            service(
                metric, "ledger_success", .gauge,
                "1 while the ledger, its file and its database, can be written, else 0.",
                merge: .minimum)
        case .conversationsWaiting, .conversationsOldest, .conversationsDelay, .conversationsLost:
            conversations(metric)
        case .notifyQueue, .notifyAttempts, .notifyLost: notify(metric)
        case .logLost:
            service(
                metric, "log_lost_total", .counter,
                "Log lines dropped because standard error was not read in time.")
        case .workerSessions:
            service(
                metric, "worker_sessions", .gauge, "Sessions open now, by worker thread.",
                ["worker"])
        case .workerCPU:
            service(
                metric, "worker_cpu_seconds_total", .counter,
                "User and system CPU time spent, by worker thread.", ["worker"], unit: .seconds)
        case .eventReaders:
            service(
                metric, "event_readers", .gauge, "Clients that follow events on the admin port.")
        case .eventReadersDropped:
            service(
                metric, "event_readers_dropped_total", .counter,
                "Readers of events that were disconnected for being too slow.")
        default:
            service(
                metric, "build_info", .gauge, "Always 1; the label says which version runs.",
                ["version"], merge: .maximum)
        }
    }

    private static func conversations(_ metric: Metric) -> Metric.Definition {
        switch metric {
        case .conversationsWaiting:
            service(
                metric, "conversations_waiting", .gauge,
                "Conversations whose newest state is not yet written for other nodes.")
        case .conversationsOldest:
            service(
                metric, "conversations_oldest_seconds", .gauge,
                "How long the oldest of them has waited to be written.", unit: .seconds,
                merge: .maximum)
        case .conversationsDelay:
            service(
                metric, "conversations_delay_seconds",
                .histogram(
                    bounds: [0.1, 0.25, 0.5, 0.75, 1, 2, 5, 10, 30, 60, 300],
                    reason: """
                        They are written twice a second, so half a second and a statement are \
                        normal, and 1 s is promised; an outage lasts seconds to minutes.
                        """),
                "From when a conversation changed until that was written for other nodes.",
                unit: .seconds)
        default:
            service(
                metric, "conversations_lost_total", .counter,
                "States of conversations that could not be written for other nodes.")
        }
    }

    private static func notify(_ metric: Metric) -> Metric.Definition {
        switch metric {
        case .notifyQueue:
            tenant(
                metric, "notify_queue", .gauge, "Reports waiting for the tenant's receiver.",
                merge: .maximum)
        case .notifyAttempts:
            tenant(
                metric, "notify_attempts_total", .counter,
                "Attempts to deliver a report to the tenant's receiver, by result.",
                [("result", ["delivered", "failed"])])
        default:
            tenant(
                metric, "notify_lost_total", .counter,
                "Reports that were never delivered, by reason.",
                [("reason", ["queue", "age", "removed", "gone"])])
        }
    }

    private static func process(_ metric: Metric) -> Metric.Definition {
        switch metric {
        case .processStart:
            process(
                metric, "start_time_seconds", .gauge,
                "Start of the process, in seconds since 1970.", unit: .seconds)
        case .processCPU:
            process(
                metric, "cpu_seconds_total", .counter, "User and system CPU time spent.",
                unit: .seconds)
        case .processResident:
            process(
                metric, "resident_memory_bytes", .gauge, "Resident memory.", unit: .bytes)
        case .processOpenFiles:
            process(metric, "open_fds", .gauge, "Open file descriptors.")
        default:
            process(metric, "max_fds", .gauge, "The limit of open file descriptors.")
        }
    }

    private static func tenant(
        _ metric: Metric, _ name: String, _ kind: Metric.Kind, _ help: String,
        _ labels: [(name: String, values: [String])] = [], unit: Metric.Unit = .none,
        merge: Metric.Merge = .sum
    ) -> Metric.Definition {
        Metric.Definition(
            metric: metric, name: name, kind: kind, help: help,
            labels: ["tenant", "model"] + labels.map(\.name),
            values: [[], []] + labels.map(\.values), unit: unit, scope: .tenant, merge: merge)
    }

    private static func service(
        _ metric: Metric, _ name: String, _ kind: Metric.Kind, _ help: String,
        _ labels: [String] = [], unit: Metric.Unit = .none, merge: Metric.Merge = .sum
    ) -> Metric.Definition {
        Metric.Definition(
            metric: metric, name: name, kind: kind, help: help, labels: labels,
            values: labels.map { _ in [] }, unit: unit, scope: .service, merge: merge)
    }

    private static func process(
        _ metric: Metric, _ name: String, _ kind: Metric.Kind, _ help: String,
        unit: Metric.Unit = .none
    ) -> Metric.Definition {
        Metric.Definition(
            metric: metric, name: name, kind: kind, help: help, labels: [], values: [],
            unit: unit, scope: .process, merge: kind == .counter ? .sum : .maximum)
    }
}
