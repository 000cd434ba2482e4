import Basics
import Fixtures
import Ledger
import SimulatedGemini
import SimulatorServer
import Testing
import Usage
import Wire

@Suite("The ledger of a server")
struct LedgerTests {
    @Test("the ledger agrees with the service's reports, turn by turn")
    func books() throws {
        let fixture = try ProxyFixture(scenario: .brisk) { options in
            options.workers = 2
        }
        let client = try fixture.client()
        #expect(client.setUp(.manual))
        for number in 1...3 { #expect(client.turn(number)) }
        client.close()
        #expect(client.waitForEnding() == .closed(1000, ""))
        let record = try fixture.waitForRecord { $0.conversations.first?.heard.closes.count == 1 }
        let receipts = try #require(record.conversations.first).heard.turns.compactMap(\.usage)
        fixture.server.stop()

        let reader = try LedgerReader(fixture.directory.path + "/ledger.db")
        let summary = try #require(try reader.sessions().first)
        let report = try #require(try reader.session(summary.id))
        #expect(summary.outcome == "completed")
        #expect(summary.tenant == "default")
        #expect(summary.closeCode == 1000)
        #expect(!summary.model.isEmpty)
        #expect(report.connections.count == 1)
        #expect(report.turns.map(\.outcome) == ["answered", "answered", "answered"])
        #expect(report.turns.allSatisfy { $0.input == "audio" && $0.firstAudio != nil })
        #expect(receipts.count == 3)
        for (turn, receipt) in zip(report.turns, receipts) {
            let tokens = turn.usage.reported
            #expect(tokens.prompt.text == Int64(receipt.promptText))
            #expect(tokens.prompt.audio == Int64(receipt.promptAudio))
            #expect(tokens.response.audio == Int64(receipt.responseAudio))
            #expect(turn.usage.estimated == Tokens())
            #expect(turn.usage.statedTotal == Int64(receipt.total))
        }
        #expect(summary.cost == report.turns.reduce(0) { $0 + $1.usage.cost })
        #expect(try reader.receipts(summary.id).map(\.turn) == [1, 2, 3])
        #expect(report.events.contains { $0.what == "setup_completed" })
        #expect(
            try reader.policy(of: "default", at: summary.started)?.contains("turns.dead_air")
                == true)
    }

    @Test("tokens, cost and the ledger's health are metrics")
    func metrics() throws {
        let fixture = try ProxyFixture(scenario: .brisk) { $0.admin = $0.listen }
        defer { fixture.stop() }
        let client = try fixture.client()
        #expect(client.setUp(.manual))
        #expect(client.turn(1))
        let page = try fixture.admin("/metrics")
        #expect(page.contains("turnkeeper_tokens_total{"))
        #expect(page.contains("turnkeeper_ledger_queue "))
        #expect(page.contains("turnkeeper_ledger_lost_total 0"))
        client.close()
    }

    @Test("a server whose ledger cannot be opened still serves, says so, and keeps its records")
    func withoutLedger() throws {
        let fixture = try ProxyFixture(scenario: .brisk) {
            $0.data = "/proc/nowhere"
            $0.admin = $0.listen
        }
        defer { fixture.stop() }
        let client = try fixture.client()
        #expect(client.setUp(.manual))
        #expect(client.turn(1))
        let page = try fixture.admin("/metrics")
        #expect(page.contains("turnkeeper_ledger_success 0"))
        #expect(page.contains("turnkeeper_ledger_lost_total 0"))
        client.close()
    }

    @Test("a second server on the same data is refused, and does not harm the first")
    func sharedData() throws {
        let first = try ProxyFixture(scenario: .brisk)
        #expect(throws: (any Error).self) {
            _ = try ProxyFixture(scenario: .brisk) { $0.data = first.directory.path }
        }
        let client = try first.client()
        #expect(client.setUp(.manual))
        #expect(client.turn(1))
        client.close()
        #expect(client.waitForEnding() == .closed(1000, ""))
        _ = try first.waitForRecord { $0.conversations.first?.heard.closes.count == 1 }
        first.server.stop()
        let sessions = try LedgerReader(first.directory.path + "/ledger.db").sessions()
        #expect(sessions.map(\.outcome) == ["completed"])
        first.stop()
    }
}
