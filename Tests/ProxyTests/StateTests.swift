import Basics
import Sessions
import Simulation
import Testing

@testable import Ledger
@testable import Proxy

@Suite("What a session is said to do")
struct StateTests {
    /// Follows one session's facts as the ledger does.
    private final class Onlooker {
        private var progress = SessionProgress()
        private var words: [String] = []
        private var isAsked = false
        private var isLinked = false
        /// Since when it is said to be at rest though an answer is due, or not to be, though none is.
        private var wrongSince: Instant?

        /// Longer than a connection is moved while the old one stands.
        private let patience = Interval.seconds(5)

        func hear(_ fact: Fact, _ now: Instant) -> String? {
            defer { follow(fact, now) }
            guard let wrongSince, now - wrongSince > patience else { return nil }
            return "\(progress.state) for \(now - wrongSince): "
                + words.suffix(14).joined(separator: " ")
        }

        private func follow(_ fact: Fact, _ now: Instant) {
            switch fact {
            case .turnStarted: isAsked = true
            case .turnEnded: isAsked = false
            case .setupCompleted: isLinked = true
            case .closed(.gemini, _, _), .troubled: isLinked = false
            case .reconnected: isLinked = true
            default: break
            }
            if let entry = FactDescription.describe(fact, payload: Span(), transcripts: false) {
                progress.follow(entry.what)
                words.append(entry.what)
            }
            let isWrong: Bool =
                switch progress.state {
                case .stalled, .recovering, .failing, .speaking, .thinking, .tool:
                    !isAsked && isLinked
                case .connecting, .idle: isAsked && isLinked
                case .listening, .parked, .ending: false
                }
            wrongSince = isWrong ? wrongSince ?? now : nil
        }
    }

    @Test("nothing is said to go on that is over, whatever happens to a session")
    func ends() {
        // 1199 had a session that was called stalled for 92 s after its context was restored. Four
        // thousand seeds hold as well, and take minutes in a debug build.
        for seed in 1000...1250 as ClosedRange<UInt64> {
            let onlooker = Onlooker()
            let report = simulate(seed: seed, hears: onlooker.hear)
            #expect(report.failure == nil, "\(seed): \(String(describing: report.failure))")
        }
    }
}
