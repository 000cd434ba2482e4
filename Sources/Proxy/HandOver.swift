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

    private let offer: DescriptorChannel.Offer
    /// Copies, so that what is sent is what was bound, whatever the workers do with theirs.
    private let sockets: Mutex<[ListeningSocket]>

    private init(_ offer: DescriptorChannel.Offer, _ sockets: [ListeningSocket]) {
        self.offer = offer
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
        offer.end()
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
        while let channel = offer.next() {
            defer { channel.close() }
            // Who still waits for the books of the process before has nowhere to leave its own.
            guard directory.isOurs(within: Self.answer - 1000) else { continue }
            let isSent = sockets.withLock { !$0.isEmpty && channel.send($0) }
            // One that dies before it accepts leaves everything as it was.
            guard isSent, channel.hear(within: Self.patience) else { continue }
            log.write(.info, "another process takes over; sessions accepted here stay here")
            leaves()
            channel.say()
            guard channel.hangsUp(within: Int32(Self.settling.milliseconds)) else { return }
            let own = sockets.withLock { $0.compactMap { $0.duplicate() } }
            guard goesOn(own) else { return }
            log.write(.warning, "the process that took over has died; serving again")
        }
    }

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
        guard let channel = DescriptorChannel(to: directory.path, named: name) else { return nil }
        guard channel.isReadable(within: answer) else {
            channel.close()
            throw StartFailure([
                "turnkeeper: process \(directory.holder.process) has not handed over its sockets in "
                    + "\(answer / 1000) s and goes on; it may be stopped",
                "Try: again once it answers, or end it and start without --take-over",
            ])
        }
        let sockets = channel.receive()
        guard !sockets.isEmpty else {
            channel.close()
            throw StartFailure([
                "turnkeeper: process \(directory.holder.process) has ended, or is being replaced "
                    + "by another process, which has not finished", "Try: again in a minute",
            ])
        }
        return Inheritance(sockets: sockets, channel: channel)
    }
}
