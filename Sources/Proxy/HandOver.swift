import Basics
import CLinux
import Synchronization
import Transport

/// Hands the listening sockets of a running server to the one that takes its place (`--take-over`):
/// the very sockets, so that no client who waits in a queue notices.
final class HandOver: Sendable {
    private static let name = "take-over"
    /// A newcomer that has not begun by then never will.
    private static let patience: Int32 = 30_000
    /// After a hand-over, how long accepted connections have for a setup and a first turn before
    /// their clients are asked to reconnect. Until then the old process can go on in the place of a
    /// newcomer that dies.
    static let settling = Interval.seconds(10)
    /// A process that is well answers in milliseconds; one that is stopped, never.
    private static let answer: Int32 = 10_000

    /// nil once nobody can take over any more.
    private let offer: Mutex<DescriptorChannel.Offer?>
    /// Copies, so that what is sent is what was bound, whatever the workers do with theirs.
    private let sockets: Mutex<[ListeningSocket]>

    private init(_ offer: DescriptorChannel.Offer, _ sockets: [ListeningSocket]) {
        self.offer = Mutex(offer)
        self.sockets = Mutex(sockets)
    }

    /// - Parameters:
    ///   - leaves: Called when a newcomer accepts clients; gives the admin port back before it
    ///     returns.
    ///   - goesOn: Called when that newcomer has died at once, with copies of the sockets; false if
    ///     it is too late.
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

    /// Nobody can take over any more; the queues close with the workers' sockets.
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
            // Who still waits for the books of the process before has nowhere to leave its own.
            guard directory.isOurs(within: Self.answer - 1000) else { continue }
            guard sockets.withLock({ !$0.isEmpty && channel.send($0) }) else { continue }
            let newcomer = OtherProcess(channel.peer)
            directory.note(successor: newcomer)
            // One that dies before it accepts leaves everything as it was.
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
                // If the newcomer ends, too, clients are refused, and do not wait in a queue.
                return closeCopies()
            }
            directory.note(successor: nil)
            offerAgain(in: directory)
            log.write(.warning, "the process that took over has died; serving again")
        }
    }

    /// A newcomer that serves puts an offer of its own in the place of ours.
    private func offerAgain(in directory: DataDirectory) {
        guard let again = DescriptorChannel.Offer(in: directory.path, named: Self.name) else {
            return
        }
        offer.withLock { offer in if offer != nil { offer = again } }
    }

    /// Serves again if the newcomer dies at once, and for as long as it is stopped: clients would
    /// wait for it in vain.
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

    /// In milliseconds, between two looks at a newcomer.
    private static let look: Int32 = 500

    // MARK: The newcomer's side

    struct Inheritance {
        let sockets: [ListeningSocket]
        fileprivate let channel: DescriptorChannel

        /// Clients are accepted here; returns when the old process has given up its admin port.
        func begin() {
            channel.say()
            _ = channel.hear(within: HandOver.patience)
        }

        /// This process ends because it was asked to: the old one need not go on in its place.
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
        // Of several newcomers one is answered, and the others are not.
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
