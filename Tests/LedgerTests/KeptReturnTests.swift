import Basics
import Testing

@testable import Ledger

@Suite("What returning clients find")
struct KeptReturnTests {
    private func kept(_ digest: String, handle: String, at time: WallTime) -> KeptReturn {
        KeptReturn(
            digest: digest, tenant: "acme", session: "s1", model: "models/m", tools: .max,
            handle: handle, transcript: "uHello\nmGood \"evening\" 🙂\n", cost: 1_250_000,
            tokens: 83_333, ended: time)
    }

    @Test("the newest end of a conversation is found, as it was left, for two hours")
    func found() throws {
        let shelf = try Shelf()
        let ledger = try shelf.open()
        ledger.append(.returnKept(kept("d1", handle: "h1", at: at(0))))
        ledger.append(.returnKept(kept("d1", handle: "h2", at: at(60))))
        ledger.append(.returnKept(kept("d2", handle: "", at: at(60))))
        ledger.flush()
        let reader = try shelf.reader()
        #expect(
            try reader.keptReturn(digest: "d1", at: at(7000))
                == kept("d1", handle: "h2", at: at(60)))
        #expect(try reader.keptReturn(digest: "d2", at: at(7000))?.handle == "")
        #expect(try reader.keptReturn(digest: "d1", at: at(7261)) == nil)
        #expect(try reader.keptReturn(digest: "d3", at: at(60)) == nil)
        // A later one clears away what is too old.
        ledger.append(.returnKept(kept("d4", handle: "h4", at: at(8000))))
        ledger.flush()
        #expect(try shelf.database().integer("SELECT count(*) FROM returns") == 1)
        ledger.close()
    }
}
