import Basics
import CLinux
import COpenSSL
import Ledger
import Policies
import Transport

/// One tenant's notes: sent in order, one at a time. If a receiver fails, all notes wait for a
/// while; a note that it refuses, or on which it fails again and again, is set aside: from then on
/// it has its own schedule, and notes that were never set aside go first.
final class NotifyQueue {
    /// Seconds after failures; the last one repeats.
    private static let backoff: [Int64] = [1, 2, 4, 8, 15, 30, 60, 120, 300]
    /// An hour and a half at that pace.
    private static let mostInTurn = 20
    /// The pause after a refusal, so that a receiver that refuses everything is not asked as fast
    /// as it answers; not longer, because it may accept the next note. Also the pause between
    /// checks of a queue whose notes are all set aside: checking a full one takes a tenth of a
    /// second.
    private static let shortPause = Interval.seconds(1)
    private static let tellingPause = Interval.seconds(60)
    private static let batchSize = 64

    private let tenant: String
    private unowned let queues: NotifyQueues
    private var batch: [WaitingNote] = []
    /// Notes settled or set aside, with the number of attempts; the file may not say so yet.
    private var handled: [Int64: Int] = [:]
    /// Attempts at the first note since the file was last updated.
    private var tries: (number: Int64, count: Int) = (0, 0)
    private var fetch: HTTPFetch?
    private var failures = 0
    private var notBefore = Instant(nanoseconds: 0)
    private var policy = Policy()
    /// The trouble last logged.
    private var trouble: String?
    /// Notes refused for the first time since the last log line.
    private var refusals = 0
    private var nextTelling = Instant(nanoseconds: 0)

    init(_ tenant: String, _ queues: NotifyQueues) {
        self.tenant = tenant
        self.queues = queues
    }

    var isBusy: Bool { fetch != nil }

    /// The next attempt need not wait.
    func forgive() { notBefore = Instant(nanoseconds: 0) }

    func cancel() {
        fetch?.cancel()
        fetch = nil
    }

    /// Sends the next note, if it is due.
    func advance(_ policy: Policy) {
        self.policy = policy
        guard !isBusy, queues.loop.now >= notBefore, let reader = queues.reader() else { return }
        let now = WallTime(nanoseconds: tk_wall())
        do throws(LedgerError) {
            if batch.isEmpty {
                let found = try reader.notes(of: tenant, at: now, limit: Self.batchSize)
                // Only a complete list shows which notes the file no longer has.
                if found.count < Self.batchSize {
                    let numbers = Set(found.map(\.number))
                    handled = handled.filter { numbers.contains($0.key) }
                }
                batch = found.filter { $0.attempts > handled[$0.number] ?? -1 }
                if found.isEmpty { notBefore = queues.loop.now + Self.shortPause }
            }
            while let next = batch.first {
                // Notes age only while the receiver fails or refuses, not when a clock jumps.
                if failures > 0 || next.attempts > 0, now - next.note.at > policy.notify.keep {
                    lose(next, "age")
                } else if let body = try document().json(next.note, from: reader) {
                    return deliver(next, body)
                } else {
                    lose(next, "gone")
                }
            }
        } catch {
            failed("the ledger: \(error)")
        }
    }

    /// Under the policy in force now: what may no longer be kept is not sent either.
    private func document() -> NoteDocument {
        var document = NoteDocument(redaction: queues.shared.redaction)
        document.keepsWords = policy.log.transcripts
        document.keepsArguments = policy.log.toolArguments
        return document
    }

    private func lose(_ waiting: WaitingNote, _ reason: String) {
        settle(waiting)
        queues.notifier.count(tenant) { $0.lost[reason, default: 0] += 1 }
    }

    private func settle(_ waiting: WaitingNote) {
        batch.removeFirst()
        handled[waiting.number] = .max
        queues.notifier.ledger.append(.noteSettled(number: waiting.number, tenant: tenant))
    }

    // MARK: An attempt

    private func deliver(_ waiting: WaitingNote, _ body: [UInt8]) {
        guard let url = policy.notify.url.flatMap({ FetchURL($0) }) else {
            return failed("notify.url is not a URL")
        }
        guard let secret = policy.notify.secret else { return failed("notify.secret is missing") }
        let key: String
        switch queues.shared.secrets.value(of: secret) {
        case .success(let value): key = value
        case .failure(let complaint): return failed("notify.secret: \(complaint.message)")
        }
        var tls: ClientTLS?
        if url.endpoint.isSecure {
            switch queues.trust(policy.notify.caFile) {
            case .success(let trust): tls = trust
            case .failure(let failure): return failed(failure.description)
            }
        }
        // The time of the attempt, so that a receiver can refuse old ones.
        let time = tk_wall() / 1_000_000_000
        guard let signature = Self.sign(Array("\(time).".utf8) + body, key) else {
            return failed("no memory")
        }
        let id = String(
            decoding: waiting.note.id.utf8.filter { $0 > 0x20 && $0 < 0x7F }, as: UTF8.self)
        let fields =
            "Content-Type: application/json\r\nUser-Agent: turnkeeper/\(Version.text)\r\n"
            + "x-turnkeeper-id: \(id)\r\nx-turnkeeper-event: \(waiting.note.event)\r\n"
            + "x-turnkeeper-signature: t=\(time),v1=\(signature)\r\n"
        let fetch = HTTPFetch("receiver", queues.loop, within: policy.notify.timeout) {
            [weak self] in self?.answered(waiting, $0)
        }
        self.fetch = fetch
        fetch.start(url.request("POST", fields, body: body), to: url.endpoint, tls)
    }

    /// HMAC-SHA256 in hexadecimal.
    private static func sign(_ bytes: [UInt8], _ key: String) -> String? {
        let key = Array(key.utf8)
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        // SAFETY: reads both arrays and writes 32 bytes, all during the call.
        let made = unsafe HMAC(
            EVP_sha256(), key, Int32(key.count), bytes, bytes.count, &digest, &count)
        guard unsafe made != nil, count == 32 else { return nil }
        return Digest(bytes: digest)?.hex
    }

    private func answered(
        _ waiting: WaitingNote, _ result: Result<HTTPFetch.Answer, HTTPFetch.Failure>
    ) {
        fetch = nil
        guard batch.first?.number == waiting.number else { return }
        switch result {
        case .failure(let failure): postponeAfterManyAttempts(failure.description)
        case .success(let answer):
            let status = answer.status
            guard !(200..<300).contains(status) else { return delivered(waiting) }
            let why = "the receiver answered \(status)"
            // It refuses this note, and may accept the next. A note that failed before counts as
            // refused too if the receiver has accepted the last of the others.
            let refuses = (400..<500).contains(status) && ![408, 425, 429].contains(status)
            let failsAgain = status >= 500 && waiting.attempts > 0 && failures == 0
            guard refuses || failsAgain else { return postponeAfterManyAttempts(why) }
            refused(waiting, why)
        }
    }

    private func refused(_ waiting: WaitingNote, _ why: String) {
        postpone()
        // Newly arrived notes go before those that were set aside.
        if waiting.attempts > 0 { batch = [] }
        notBefore = queues.loop.now + Self.shortPause
        queues.notifier.count(tenant) { $0.failed += 1 }
        if waiting.attempts == 0 { refusals += 1 }
        guard refusals > 0, queues.loop.now >= nextTelling else { return }
        queues.shared.log.write(
            .warning, "the receiver refuses reports",
            [
                ("tenant", .own(tenant)), ("why", .string(why)), ("reports", .integer(refusals)),
                ("report", .string(waiting.note.id)),
            ])
        refusals = 0
        nextTelling = queues.loop.now + Self.tellingPause
    }

    private func delivered(_ waiting: WaitingNote) {
        settle(waiting)
        queues.notifier.count(tenant) { $0.delivered += 1 }
        failures = 0
        if trouble != nil {
            trouble = nil
            queues.shared.log.write(
                .info, "the receiver takes reports again", [("tenant", .own(tenant))])
        }
        advance(policy)
    }

    private func postponeAfterManyAttempts(_ why: String) {
        let number = batch[0].number
        tries = (number, tries.number == number ? tries.count + 1 : 1)
        // A note that was set aside has had its turn.
        if tries.count >= Self.mostInTurn || batch[0].attempts > 0 { postpone() }
        failed(why)
    }

    /// Lets the others go first, and gives the note its own schedule.
    private func postpone() {
        let waiting = batch.removeFirst()
        handled[waiting.number] = waiting.attempts
        // Longer than the pause after a refusal: the others have their turn before it is due.
        let step = min(waiting.attempts + 2, Self.backoff.count - 1)
        let until = WallTime(nanoseconds: tk_wall()) + .seconds(Self.backoff[step])
        queues.notifier.ledger.append(
            .notePostponed(number: waiting.number, attempts: waiting.attempts + 1, until: until))
    }

    private func failed(_ why: String) {
        let wait = Self.backoff[min(failures, Self.backoff.count - 1)]
        failures += 1
        // Some notes may be gone by the next attempt.
        batch = []
        notBefore = queues.loop.now + .seconds(wait)
        queues.notifier.count(tenant) { $0.failed += 1 }
        guard trouble != why else { return }
        trouble = why
        queues.shared.log.write(
            .warning, "the receiver takes no reports",
            [("tenant", .own(tenant)), ("why", .string(why))])
    }
}
