import Basics
import Usage

/// The tokens of a turn in one column: `pa1250 pt300 ra120 h40 ~rt7`. A letter for prompt or
/// response and one for the modality, or one for thoughts, cached and tool use; a tilde marks
/// estimates. Contains only non-zero counts; a new modality gets a new letter.
enum TokenText {
    static func append(_ usage: TurnUsage, to text: inout [UInt8]) {
        append(usage.reported, isEstimated: false, to: &text)
        append(usage.estimated, isEstimated: true, to: &text)
    }

    private static func append(
        _ tokens: Tokens, isEstimated: Bool, to text: inout [UInt8]
    ) {
        func append(_ count: Int64, _ first: Unicode.Scalar, _ second: UInt8? = nil) {
            guard count > 0 else { return }
            if !text.isEmpty { text.append(UInt8(ascii: " ")) }
            if isEstimated { text.append(UInt8(ascii: "~")) }
            text.append(UInt8(ascii: first))
            if let second { text.append(second) }
            text.append(decimal: count)
        }
        for modality in Modality.allCases {
            append(tokens.prompt[modality], "p", modality.letter)
            append(tokens.response[modality], "r", modality.letter)
        }
        append(tokens.thoughts, "h")
        append(tokens.cached, "c")
        append(tokens.toolUse, "u")
    }

    /// Adds the counts of a column; unknown ones are ignored.
    static func add(_ text: String, to reported: inout Tokens, _ estimated: inout Tokens) {
        for word in text.utf8.split(separator: UInt8(ascii: " ")) {
            let isEstimated = word.first == UInt8(ascii: "~")
            let letters = isEstimated ? word.dropFirst() : word
            let digits = letters.drop { $0 > UInt8(ascii: "9") }
            guard let count = Int64(Substring(digits)) else { continue }
            let name = letters.prefix(letters.count - digits.count)
            if isEstimated {
                estimated.add(count, name)
            } else {
                reported.add(count, name)
            }
        }
    }
}

extension Modality {
    fileprivate var letter: UInt8 {
        switch self {
        case .text: UInt8(ascii: "t")
        case .audio: UInt8(ascii: "a")
        case .image: UInt8(ascii: "i")
        case .video: UInt8(ascii: "v")
        case .document: UInt8(ascii: "d")
        case .other: UInt8(ascii: "o")
        }
    }
}

extension Tokens {
    fileprivate mutating func add(_ count: Int64, _ name: Substring.UTF8View) {
        let modality = name.dropFirst().first.flatMap { letter in
            Modality.allCases.first { $0.letter == letter }
        }
        switch (name.first, modality) {
        case (UInt8(ascii: "p"), let modality?): prompt[modality] &+= count
        case (UInt8(ascii: "r"), let modality?): response[modality] &+= count
        case (UInt8(ascii: "h"), nil): thoughts &+= count
        case (UInt8(ascii: "c"), nil): cached &+= count
        case (UInt8(ascii: "u"), nil): toolUse &+= count
        default: break
        }
    }
}

extension [UInt8] {
    /// The digits of a number.
    mutating func append(decimal number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var rest = number.magnitude
        var first = 20
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        for place in first..<20 { append(digits[place]) }
    }
}
