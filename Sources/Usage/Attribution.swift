import Wire

/// What was seen to pass while a bill was run up, to fill in what its reports leave out.
struct Evidence {
    /// Tokens of the answer's sound, by its length.
    var audioOut: Int64 = 0
    /// Tokens of the answer's text and transcript, by their bytes.
    var textOut: Int64 = 0
    /// Tokens of sound and text sent in since the last bill.
    var audioIn: Int64 = 0
    var textIn: Int64 = 0
    /// Pictures went in at any time of the conversation.
    var hasImages = false
    /// Sound and everything that earlier bills of the conversation found in the context, which is
    /// billed again with every turn.
    var contextAudio: Int64 = 0
    var contextOther: Int64 = 0
}

/// A bill by modality: what gemini reported, and what had to be worked out.
struct Attribution {
    var reported = Tokens()
    var estimated = Tokens()
    /// `totalTokenCount` as it came, -1 where it did not.
    var statedTotal: Int64 = -1

    /// Of one report.
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
            // Zeros are left out on the wire, but then the total would be the prompt.
            response = usage.total - usage.prompt - max(0, usage.toolUsePrompt)
        }
        attributePrompt(max(0, usage.prompt), usage.promptDetails, evidence)
        attributeResponse(max(0, response), usage.responseDetails, evidence)
    }

    /// Of a generation nobody reported: what was heard, and the whole context once more.
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
        // All there, and still not all: nobody knows what these are.
        case (false, false, false): reported.prompt.other = reported.prompt.other.plus(rest)
        // Only one kind can be missing, so the rest is that.
        case (true, false, false): reported.prompt.text = rest
        case (false, true, false): reported.prompt.audio = rest
        case (false, false, true): reported.prompt.image = rest
        // Several: sound by its length, and what remains is text, or else pictures.
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

    /// Only a total is known.
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
