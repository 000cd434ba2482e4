extension Voice {
    /// A tiny voice: each line is a tone of a few milliseconds. For simulations, where thousands of
    /// conversations must be cheap.
    public static let tones: Voice = {
        var lines: [Line: Phrase] = [:]
        for (index, line) in Line.allCases.enumerated() {
            lines[line] = Phrase(
                text: line.words, pcm: tone(samples: 240, value: Int16(2000 + index)))
        }
        let numbers = numberWords.enumerated().map {
            Phrase(text: $1, pcm: tone(samples: 120, value: Int16(3000 + $0)))
        }
        return Voice(lines: lines, numbers: numbers, user: [])
    }()

    /// The words of "zero" to "twenty".
    public static let numberWords = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven",
        "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
        "nineteen", "twenty",
    ]

    private static func tone(samples: Int, value: Int16) -> [UInt8] {
        let bits = UInt16(bitPattern: value)
        var pcm: [UInt8] = []
        pcm.reserveCapacity(samples * 2)
        for _ in 0..<samples {
            pcm.append(UInt8(truncatingIfNeeded: bits))
            pcm.append(UInt8(truncatingIfNeeded: bits >> 8))
        }
        return pcm
    }
}

extension Voice.Line {
    /// The words of the line, in every voice.
    public var words: String {
        switch self {
        case .greeting: "Hello! How can I help you?"
        case .answer: "This is answer number"
        case .thinking: "Let me think about that."
        case .toolResult: "The tool has answered. Here is the result."
        case .sorry: "I am sorry, there was a system error."
        case .capital: "The capital of France is Paris."
        case .weather: "It is sunny today, with a light wind from the west."
        case .story:
            "Once upon a time a keeper of the keys walked through the prison at night, and every door he passed was locked, until he found one that was not."
        case .goodbye: "Goodbye, and thank you for calling."
        case .resumed: "Where were we? Please go on."
        }
    }
}
