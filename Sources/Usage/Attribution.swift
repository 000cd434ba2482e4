import Wire

/// What was observed while a bill ran up, used to fill gaps in its reports.
struct Evidence {
    /// Tokens of the answer's audio, by its length.
    var audioOut: Int64 = 0
    /// Tokens of the answer's text and transcript, by their bytes.
    var textOut: Int64 = 0
    /// Tokens of audio and text sent since the last bill.
    var audioIn: Int64 = 0
    var textIn: Int64 = 0
    /// Images were sent at any time in the conversation.
    var hasImages = false
    /// Audio, and everything that earlier bills found in the context, which is billed again with
    /// every turn.
    var contextAudio: Int64 = 0
    var contextOther: Int64 = 0
}

/// A bill by modality: what gemini reported, and what had to be estimated.
struct Attribution {
    var reported = Tokens()
    var estimated = Tokens()
    /// `totalTokenCount` as reported, -1 if absent.
    var statedTotal: Int64 = -1

    var isEstimated: Bool { estimated.total > 0 }

    /// Attributes what one report says.
    init(_ usage: Usage, _ evidence: Evidence) {
        reported.thoughts = max(0, usage.thoughts)
        reported.cached = max(0, usage.cached)
        reported.toolUse = max(0, usage.toolUsePrompt)
        statedTotal = usage.total
        if usage.prompt <= 0, usage.response <= 0, usage.promptDetails.known == 0,
            usage.responseDetails.known == 0
        {
            splitTotal(max(0, usage.total - reported.thoughts - reported.toolUse), evidence)
            return
        }
        var response = usage.response
        if response < 0, usage.prompt > 0, usage.total > usage.prompt, usage.thoughts <= 0 {
            // Zeros are omitted on the wire, but then the total would be the prompt.
            response = usage.total - usage.prompt - max(0, usage.toolUsePrompt)
        }
        attributePrompt(max(0, usage.prompt), usage.promptDetails, evidence)
        attributeResponse(max(0, response), usage.responseDetails, evidence)
    }

    /// Estimates a generation without a report: the answer, and the whole context again.
    init(estimating evidence: Evidence) {
        estimated.prompt.audio = evidence.contextAudio.plus(evidence.audioIn)
        estimated.prompt.text = evidence.contextOther.plus(evidence.textIn)
        estimated.response.audio = evidence.audioOut
        estimated.response.text = evidence.textOut
    }

    private mutating func attributePrompt(
        _ count: Int64, _ details: Usage.Details, _ evidence: Evidence
    ) {
        reported.prompt = ModalityTokens(details)
        let rest = count - details.known
        guard rest > 0 else { return }
        let audio = evidence.contextAudio.plus(evidence.audioIn)
        let lacksText = details.text < 0
        let lacksAudio = details.audio < 0 && audio > 0
        let lacksImages = details.image < 0 && details.video < 0 && evidence.hasImages
        switch (lacksText, lacksAudio, lacksImages) {
        // Nothing is missing, but the sum is short: the remainder cannot be assigned.
        case (false, false, false): reported.prompt.other = reported.prompt.other.plus(rest)
        // Only one modality can be missing, so the remainder is assigned to it.
        case (true, false, false): reported.prompt.text = rest
        case (false, true, false): reported.prompt.audio = rest
        case (false, false, true): reported.prompt.image = rest
        // Several: audio by its length; the remainder is text, or else images.
        case (_, let lacksAudio, _):
            let sound = lacksAudio ? min(audio, rest) : 0
            estimated.prompt.audio = sound
            if lacksText {
                estimated.prompt.text = rest - sound
            } else {
                estimated.prompt.image = rest - sound
            }
        }
    }

    private mutating func attributeResponse(
        _ count: Int64, _ details: Usage.Details, _ evidence: Evidence
    ) {
        reported.response = ModalityTokens(details)
        let rest = count - details.known
        guard rest > 0 else { return }
        let lacksAudio = details.audio < 0 && evidence.audioOut > 0
        let lacksText = details.text < 0 && evidence.textOut > 0
        switch (lacksAudio, lacksText) {
        case (true, false): reported.response.audio = rest
        case (false, true): reported.response.text = rest
        case (false, false): reported.response.other = reported.response.other.plus(rest)
        case (true, true):
            estimated.response.audio = min(evidence.audioOut, rest)
            estimated.response.text = rest - estimated.response.audio
        }
    }

    /// Splits a report of which only the total is known.
    private mutating func splitTotal(_ count: Int64, _ evidence: Evidence) {
        let audioOut = min(evidence.audioOut, count)
        let textOut = min(evidence.textOut, count - audioOut)
        let prompt = count - audioOut - textOut
        estimated.response.audio = audioOut
        estimated.response.text = textOut
        estimated.prompt.audio = min(evidence.contextAudio.plus(evidence.audioIn), prompt)
        estimated.prompt.text = prompt - estimated.prompt.audio
    }
}

extension ModalityTokens {
    init(_ details: Usage.Details) {
        self.init()
        text = max(0, details.text)
        audio = max(0, details.audio)
        image = max(0, details.image)
        video = max(0, details.video)
        document = max(0, details.document)
        other = max(0, details.other)
    }
}
