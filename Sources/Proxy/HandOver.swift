import Basics
import CLinux
import Synchronization
import Transport

/// Hands the listening sockets of a running server to its successor (`--take-over`): the same
/// sockets, so that a client waiting in a queue does not notice.
final class HandOver: Sendable {
    private static let name = "take-over"
    /// A successor that has not begun within this time never will.
    private static let patience: Int32 = 30_000
    /// After a hand-over, the time that accepted connections have for a setup and a first turn
    /// before this process drains. Until then it can serve again if its successor dies.
    static let settling = Interval.seconds(10)
    /// A healthy process answers in milliseconds; a stopped one never does.
    private static let answer: Int32 = 10_000

    /// nil when it is too late to take over.
    private let offer: Mutex<DescriptorChannel.Offer?>
    /// Copies, so that we always hand over the bound sockets, whatever the workers do with theirs.
    private let sockets: Mutex<[ListeningSocket]>

    private init(_ offer: DescriptorChannel.Offer, _ sockets: [ListeningSocket]) {
        self.offer = Mutex(offer)
        self.sockets = Mutex(sockets)
    }

    /// - Parameters:
    ///   - leaves: Called when a successor accepts clients; releases the admin port before it
    ///   returns.
    ///   - goesOn: Called when that successor has died at once, with copies of the sockets; false
    ///   if it is too late.
    static func start(
        of directory: DataDirectory, _ copies: [ListeningSocket], _ log: Log,
        leaves: @escaping @Sendable () -> Void,
        goesOn: @escaping @Sendable ([ListeningSocket]) -> Bool
    ) -> HandOver? {
        guard let offer = DescriptorChannel.Offer(in: directory.path, named: name) else {
            return nil
        }
        let handOver = HandOver(offer, copies)
        do throws(SystemError) {
            try startThread("take-over") { handOver.work(directory, log, leaves, goesOn) }
        } catch {
            return nil
        }
        return handOver
    }

    /// Ends the offer to take over; the queues close with the workers' sockets.
    func end() {
        let last = offer.withLock { offer in
            defer { offer = nil }
            return offer
        }
        last?.end()
        closeCopies()
    }

    private func closeCopies() {
        let copies = sockets.withLock { sockets in
            defer { sockets = [] }
            return sockets
        }
        for copy in copies { copy.close() }
    }

    private func work(
        _ directory: DataDirectory, _ log: Log, _ leaves: () -> Void,
        _ goesOn: ([ListeningSocket]) -> Bool
    ) {
        while let channel = offer.withLock({ $0 })?.next() {
            defer { channel.close() }
            // While we still wait for the previous process's ledger, we have nowhere to leave our
            // own records.
            guard directory.isOurs(within: Self.answer - 1000) else { continue }
            guard sockets.withLock({ !$0.isEmpty && channel.send($0) }) else { continue }
            let newcomer = OtherProcess(channel.peer)
            directory.note(successor: newcomer)
            // A successor that dies before it accepts leaves everything as it was.
            guard channel.hear(within: Self.patience) else {
                directory.note(successor: nil)
                continue
            }
            log.write(
                .info, "another process takes over; sessions accepted here stay here",
                [("process", .integer(Int(channel.peer)))])
            leaves()
            channel.say()
            guard stays(behind: channel, newcomer, log, leaves, goesOn) else {
                // If the successor ends too, clients are refused instead of waiting in a queue.
                return closeCopies()
            }
            directory.note(successor: nil)
            offerAgain(in: directory)
            log.write(.warning, "the process that took over has died; serving again")
        }
    }

    /// A successor that serves replaces our offer with its own.
    private func offerAgain(in directory: DataDirectory) {
        guard let again = DescriptorChannel.Offer(in: directory.path, named: Self.name) else {
            return
        }
        offer.withLock { offer in if offer != nil { offer = again } }
    }

    /// Serves again if the successor dies at once, and for as long as it is stopped: otherwise
    /// clients would wait in vain.
    /// - Returns: Whether it has died, and clients are accepted here.
    private func stays(
        behind channel: DescriptorChannel, _ newcomer: OtherProcess?, _ log: Log,
        _ leaves: () -> Void, _ goesOn: ([ListeningSocket]) -> Bool
    ) -> Bool {
        var left = Self.settling.milliseconds
        var isServing = false
        func serveAgain() -> Bool {
            isServing = isServing || goesOn(sockets.withLock { $0.compactMap { $0.duplicate() } })
            return isServing
        }
        while left > 0 {
            switch channel.listen(within: Self.look) {
            case .hungUp: return serveAgain()
            case .said: return false
            case nil: left -= Int64(Self.look)
            }
            let isStopped = newcomer?.state == .stopped
            if isStopped, !isServing {
                guard serveAgain() else { return false }
                log.write(
                    .error, "the process that took over is stopped; serving until it goes on",
                    [("process", .integer(Int(newcomer?.number ?? 0)))])
            } else if !isStopped, isServing {
                log.write(.info, "the process that took over goes on")
                isServing = false
                leaves()
            }
            if isServing { left = Self.settling.milliseconds }
        }
        return false
    }

    /// The milliseconds between two checks of a successor.
    private static let look: Int32 = 500

    // MARK: The successor's side

    struct Inheritance {
        let sockets: [ListeningSocket]
        fileprivate let channel: DescriptorChannel

        /// Clients are accepted here; returns when the old process has released its admin port.
        func begin() {
            channel.say()
            _ = channel.hear(within: HandOver.patience)
        }

        /// This process was asked to end: the old one need not resume.
        func leave() { channel.say() }
    }

    /// nil if there is no offer.
    static func inherit(from directory: DataDirectory) throws(StartFailure) -> Inheritance? {
        let asked = directory.holder
        if let newcomer = asked.successor, newcomer.state != .gone {
            throw StartFailure(directory.isBeing(replacedBy: newcomer))
        }
        guard let channel = DescriptorChannel(to: directory.path, named: name) else {
            guard directory.isAwaited, !asked.isLeaving else { return nil }
            throw StartFailure([
                "turnkeeper: process \(asked.process) serves, and does not offer its sockets",
                "Try: end it, and start without --take-over",
            ])
        }
        let hasAnswered = channel.isReadable(within: answer)
        let sockets = hasAnswered ? channel.receive() : []
        guard sockets.isEmpty else { return Inheritance(sockets: sockets, channel: channel) }
        channel.close()
        // Of several successors, one gets an answer, and the others do not.
        let holder = directory.holder
        if let newcomer = holder.successor, newcomer.state != .gone {
            throw StartFailure(directory.isBeing(replacedBy: newcomer))
        }
        if holder.process != asked.process {
            throw StartFailure([
                "turnkeeper: process \(holder.process) has taken over from process "
                    + "\(asked.process) meanwhile", "Try: again, to replace it",
            ])
        }
        throw StartFailure(
            hasAnswered
                ? [
                    "turnkeeper: process \(asked.process) has ended, or is being replaced by "
                        + "another process, which has not finished", "Try: again in a minute",
                ]
                : [
                    "turnkeeper: process \(asked.process) has not handed over its sockets in "
                        + "\(answer / 1000) s and goes on; it may be stopped",
                    "Try: again once it answers, or end it and start without --take-over",
                ])
    }
}
