import Foundation
import Testing

/// All messages of a session go through one of its two doors, which know what each peer has seen.
@Suite struct DoorTests {
    /// If a session is only observed, messages of the doors are reported and not sent.
    static let observer = "Sources/Sessions/Session+Observing.swift"
    static let doors: Set<String> = [
        "Sources/Sessions/Uplink.swift", "Sources/Sessions/Downlink.swift",
    ]

    @Test("only the doors of a session send messages")
    func messages() {
        let message = /\.forward\b|\.send\(/
        for file in Repository.files(in: "Sources/Sessions", endingIn: ".swift")
        where !Self.doors.contains(file.path) && file.path != Self.observer
            && !["Action.swift", "Actions.swift"].map({ "Sources/Sessions/" + $0 })
                .contains(file.path)
        {
            #expect(file.places(of: message).isEmpty)
        }
        for door in Self.doors {
            let file = Repository.files(in: "Sources/Sessions", endingIn: ".swift")
                .first { $0.path == door }
            #expect(file.map { !$0.places(of: message).isEmpty } == true, "\(door)")
        }
    }

    @Test("no code reads or removes actions from the list")
    func list() {
        for file in Repository.files(in: "Sources/Sessions", endingIn: ".swift")
        where file.path != Self.observer && file.path != "Sources/Sessions/Actions.swift" {
            #expect(file.places(of: /\bout\.(?:list|take)\b/).isEmpty)
        }
    }
}
