/// What a token represents. `other` are tokens without a known modality.
public enum Modality: String, CaseIterable, Sendable, BitwiseCopyable {
    case text, audio, image, video, document, other
}

/// Counts by modality, none negative.
public struct ModalityTokens: Equatable, Sendable, BitwiseCopyable {
    public var text: Int64 = 0
    public var audio: Int64 = 0
    public var image: Int64 = 0
    public var video: Int64 = 0
    public var document: Int64 = 0
    public var other: Int64 = 0

    public init() {}

    public subscript(modality: Modality) -> Int64 {
        get {
            switch modality {
            case .text: text
            case .audio: audio
            case .image: image
            case .video: video
            case .document: document
            case .other: other
            }
        }
        set {
            switch modality {
            case .text: text = newValue
            case .audio: audio = newValue
            case .image: image = newValue
            case .video: video = newValue
            case .document: document = newValue
            case .other: other = newValue
            }
        }
    }

    public var sum: Int64 {
        text.plus(audio).plus(image).plus(video).plus(document).plus(other)
    }

    mutating func add(_ more: Self) {
        text = text.plus(more.text)
        audio = audio.plus(more.audio)
        image = image.plus(more.image)
        video = video.plus(more.video)
        document = document.plus(more.document)
        other = other.plus(more.other)
    }
}

/// The tokens of a turn, or a sum of turns.
public struct Tokens: Equatable, Sendable, BitwiseCopyable {
    public var prompt = ModalityTokens()
    public var response = ModalityTokens()
    /// Not part of `response`.
    public var thoughts: Int64 = 0
    /// Part of `prompt`: how much of it came from a cache.
    public var cached: Int64 = 0
    public var toolUse: Int64 = 0

    public init() {}

    /// Everything billed.
    public var total: Int64 { totalWithoutThoughts.plus(thoughts) }
    /// The total as some models count it in `totalTokenCount`.
    public var totalWithoutThoughts: Int64 { prompt.sum.plus(response.sum).plus(toolUse) }

    /// What the next turn is billed again, and how much of it is audio.
    var context: Int64 { prompt.sum.plus(response.sum) }
    var contextAudio: Int64 { prompt.audio.plus(response.audio) }

    public mutating func add(_ more: Self) {
        prompt.add(more.prompt)
        response.add(more.response)
        thoughts = thoughts.plus(more.thoughts)
        cached = cached.plus(more.cached)
        toolUse = toolUse.plus(more.toolUse)
    }

    public static func + (a: Self, b: Self) -> Self {
        var sum = a
        sum.add(b)
        return sum
    }
}

extension Int64 {
    /// The sum, or the greatest number: reports from a peer must not overflow.
    func plus(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    func times(_ other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
