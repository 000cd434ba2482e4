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

    static func + (a: Self, b: Self) -> Self {
        var sum = Self()
        sum.text = a.text.plus(b.text)
        sum.audio = a.audio.plus(b.audio)
        sum.image = a.image.plus(b.image)
        sum.video = a.video.plus(b.video)
        sum.document = a.document.plus(b.document)
        sum.other = a.other.plus(b.other)
        return sum
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
    /// As some models count it in `totalTokenCount`.
    public var totalWithoutThoughts: Int64 { prompt.sum.plus(response.sum).plus(toolUse) }

    public static func + (a: Self, b: Self) -> Self {
        var sum = Self()
        sum.prompt = a.prompt + b.prompt
        sum.response = a.response + b.response
        sum.thoughts = a.thoughts.plus(b.thoughts)
        sum.cached = a.cached.plus(b.cached)
        sum.toolUse = a.toolUse.plus(b.toolUse)
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
