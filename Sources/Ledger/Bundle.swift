public import Basics
import Wire

/// What a support ticket needs to know about one session, in one file.
///
/// One JSON document: it passes through every ticket system and mail filter, needs no unpacking,
/// opens in any editor or browser, and programs can read it as well. The drawn timeline comes
/// first. Conversations and tool arguments are left out unless requested.
public struct SupportBundle {
    private let session: SessionReport
    private let receipts: [(turn: Int, at: WallTime, json: String)]
    private let policy: String?
    private let keepsWords: Bool
    private let redaction: Redaction

    /// - Parameters:
    ///   - keepsWords: Includes transcripts and tool arguments, as far as the policy kept them.
    ///   - redaction: Removes secrets in any case.
    public init?(
        _ id: String, from ledger: borrowing LedgerReader, keepsWords: Bool,
        redaction: Redaction = Redaction()
    ) throws(LedgerError) {
        guard let found = try ledger.session(id) else { return nil }
        self.keepsWords = keepsWords
        self.redaction = redaction
        session = redaction.scrub(keepsWords ? found : Self.withoutWords(found))
        receipts = try ledger.receipts(found.summary.id)
        policy = try ledger.policy(of: found.summary.tenant, at: found.summary.started)
    }

    public var id: String { session.summary.id }

    /// The id, restricted to characters that are safe in a file name and in a header.
    public var fileName: String {
        String(
            id.unicodeScalars.filter {
                ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                    || $0 == "-" || $0 == "_"
            }.map(Character.init).prefix(64))
    }

    /// - Parameter version: The version of the program that creates the bundle.
    public func json(version: String, made: WallTime) -> [UInt8] {
        var json = JSONOutput(pretty: true, scrub: { redaction.scrub($0) })
        json.object { json in
            json.string("about", "One session as turnkeeper saw it. Times are UTC, t in seconds.")
            json.array("story") { json in
                // Everything in the session is redacted; the title contains the tenant's name,
                // which may look like a secret, and the model's.
                for (place, line) in TimelineDrawing().lines(session).enumerated() {
                    if place == 0 { json.own(nil, line) } else { json.string(nil, line) }
                }
            }
            json.object("made") { json in
                json.time("at", made)
                json.string("by", version)
                json.string("session_served_by", session.summary.version)
                json.flag("with_words", keepsWords)
            }
            json.array("closes") { closes(&$0) }
            json.array("policy") { json in
                for line in (policy ?? "").split(separator: "\n", omittingEmptySubsequences: false)
                where policy != nil { json.string(nil, String(line)) }
            }
            json.object("session") { ReportJSON.session(session, true, &$0) }
            json.array("receipts") { json in
                for receipt in receipts {
                    json.object { json in
                        json.integer("turn", Int64(receipt.turn))
                        json.time("at", receipt.at)
                        // As text, because gemini may have sent invalid JSON.
                        json.string("usage_metadata", receipt.json)
                    }
                }
            }
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }

    /// All closes together: most tickets ask for them first.
    private func closes(_ json: inout JSONOutput) {
        for connection in session.connections {
            json.object { json in
                json.string("peer", "gemini")
                json.integer("connection", Int64(connection.number))
                json.time("at", connection.closed)
                json.integer("code", connection.code.map(Int64.init))
                json.string("reason", connection.reason)
            }
        }
        json.object { json in
            json.string("peer", "client")
            json.time("at", session.summary.ended)
            json.integer("code", session.summary.closeCode.map(Int64.init))
            json.string("reason", session.summary.closeReason)
        }
    }

    private static func withoutWords(_ report: SessionReport) -> SessionReport {
        var report = report
        for place in report.turns.indices {
            report.turns[place].userText = nil
            report.turns[place].modelText = nil
        }
        for place in report.toolCalls.indices {
            report.toolCalls[place].arguments = nil
            report.toolCalls[place].result = nil
        }
        report.summary.endUser = ""
        report.events = withoutWords(report.events)
        return report
    }

    /// Transcripts come in pieces of a word or two; consecutive ones are replaced by one entry.
    private static func withoutWords(_ events: [TimelineEvent]) -> [TimelineEvent] {
        var kept: [TimelineEvent] = []
        var length = 0
        for event in events {
            guard event.what.hasSuffix("_transcription") else {
                kept.append(event)
                continue
            }
            let continues = kept.last?.what == event.what && kept.last?.lane == event.lane
            length = (continues ? length : 0) + event.text.count
            if !continues { kept.append(event) }
            kept[kept.count - 1].text = "(\(length) characters, left out)"
        }
        return kept
    }
}
