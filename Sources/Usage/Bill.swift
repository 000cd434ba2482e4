import Wire

/// The reports of one generation of the service, read as one bill.
///
/// Services differ in what several reports of one generation mean, so each is read as what it looks
/// like:
///
/// * cumulative: a report with a prompt, and not smaller than the previous one, replaces it;
/// * per chunk: reports without a prompt are added up, and so are those that repeat the prompt as
///   soon as one has a smaller response than the previous one;
/// * split: a report with only a prompt and one with only a response make one bill;
/// * another bill: a prompt that changed along with a smaller response was billed separately.
struct Bill {
    /// Generations billed before, if this turns out to be a series of bills.
    private(set) var closed: [Usage] = []
    /// A generation with tools has a handful; beyond that, which has not been observed, only the
    /// sum is kept.
    private static let closedLimit = 32
    /// The newest report with a prompt.
    private var snapshot: Usage?
    /// Reports without a prompt since then.
    private var parts = Parts()
    /// What reports with the same prompt replaced, in case they turn out to be chunks.
    private var replaced = Usage()
    private(set) var count = 0

    private struct Parts {
        var sum = Usage()
        var last = Usage()
        var count = 0
        /// No report was smaller than the previous one.
        var grows = true
    }

    var isEmpty: Bool { count == 0 }
    /// The newest one; 0 if none was reported.
    var prompt: Int64 { snapshot?.prompt ?? 0 }

    /// Makes it ready for the next generation.
    mutating func clear() {
        if count == 1, parts.count == 0 {
            // Most bills consist of one report, and then it is all there is to clear.
            (snapshot, count) = (nil, 0)
        } else if count > 0 {
            self = Bill()
        }
    }

    mutating func fold(_ report: Usage) {
        guard !report.isVoid else { return }
        count += 1
        guard report.prompt > 0 else { return add(report) }
        guard let before = snapshot else {
            // Parts that came first are its chunks, unless it has no response.
            if report.response > 0, report.response >= max(0, parts.sum.response) {
                parts = Parts()
            }
            snapshot = report
            return
        }
        let soFar = max(0, before.response)
        if report.prompt >= before.prompt, report.response >= soFar {
            if report.prompt > before.prompt { replaced = Usage() } else { replaced.add(before) }
            if report.response >= soFar.plus(max(0, parts.sum.response)) { parts = Parts() }
            snapshot = report
        } else if report.prompt == before.prompt {
            parts.sum.add(replaced)
            replaced = Usage()
            add(report)
        } else {
            if let whole = newest(audioHeard: 0) { close(whole) }
            snapshot = report
            parts = Parts()
            replaced = Usage()
        }
    }

    private mutating func close(_ whole: Usage) {
        if closed.count < Self.closedLimit {
            closed.append(whole)
        } else {
            closed[closed.count - 1].join(whole)
        }
    }

    private mutating func add(_ report: Usage) {
        if report.response < parts.last.response { parts.grows = false }
        parts.sum.add(report)
        parts.last = report
        parts.count += 1
    }

    /// The open bill, with its counts as gemini meant them.
    ///
    /// - Parameter audioHeard: Tokens by the length of the answer; decides whether growing
    ///   responses
    ///   without a prompt are chunks or a running total. Without audio they are chunks.
    func newest(audioHeard: Int64) -> Usage? {
        guard parts.count > 0 else { return snapshot }
        var whole = snapshot ?? Usage()
        let before = max(0, whole.response)
        let last = max(0, parts.last.response)
        let sum = before.plus(max(0, parts.sum.response))
        let isRunningTotal =
            parts.grows && parts.count > 1 && last >= before
            && abs(last - audioHeard) < abs(sum - audioHeard) && audioHeard > 0
        if isRunningTotal {
            whole.response = -1
            whole.thoughts = -1
            whole.responseDetails = Usage.Details()
        }
        whole.add(isRunningTotal ? parts.last : parts.sum)
        return whole
    }
}

extension Usage {
    /// Has no content: `usageMetadata: {}` occurs.
    var isVoid: Bool {
        prompt <= 0 && response <= 0 && thoughts <= 0 && toolUsePrompt <= 0 && total <= 0
            && promptDetails.known == 0 && responseDetails.known == 0
    }

    /// Adds a part of the same bill: its response and thoughts; its other counts are new.
    fileprivate mutating func add(_ part: Usage) {
        prompt = max(prompt, part.prompt)
        cached = max(cached, part.cached)
        toolUsePrompt = sum(toolUsePrompt, part.toolUsePrompt)
        response = sum(response, part.response)
        thoughts = sum(thoughts, part.thoughts)
        total = max(total, part.total)
        if part.promptDetails.known > promptDetails.known { promptDetails = part.promptDetails }
        responseDetails.add(part.responseDetails)
    }

    /// Adds another bill, all of it.
    fileprivate mutating func join(_ bill: Usage) {
        prompt = sum(prompt, bill.prompt)
        cached = sum(cached, bill.cached)
        toolUsePrompt = sum(toolUsePrompt, bill.toolUsePrompt)
        response = sum(response, bill.response)
        thoughts = sum(thoughts, bill.thoughts)
        total = sum(total, bill.total)
        promptDetails.add(bill.promptDetails)
        responseDetails.add(bill.responseDetails)
    }
}

/// The sum of counts that are -1 if absent.
private func sum(_ a: Int64, _ b: Int64) -> Int64 { b < 0 ? a : max(0, a).plus(b) }

extension Usage.Details {
    /// What is attributed to any modality.
    var known: Int64 {
        max(0, text).plus(max(0, audio)).plus(max(0, image)).plus(max(0, video))
            .plus(max(0, document)).plus(max(0, other))
    }
    fileprivate mutating func add(_ other: Usage.Details) {
        text = sum(text, other.text)
        audio = sum(audio, other.audio)
        image = sum(image, other.image)
        video = sum(video, other.video)
        document = sum(document, other.document)
        self.other = sum(self.other, other.other)
    }
}
