/// The word most likely meant, or nil if none is close: at most one edit per three letters; the
/// closest wins, ties go to the earlier word.
public func guess(for text: String, among words: [String]) -> String? {
    let typed = folded(text)
    // No key is that long, and the distance of two long texts takes long to compute.
    guard typed.count <= 64 else { return nil }
    var best: (word: String, distance: Int)?
    for word in words {
        let candidate = folded(word)
        let allowed = max(1, min(typed.count, candidate.count) / 3)
        let distance = editDistance(typed, candidate)
        if distance <= allowed, distance < best?.distance ?? .max { best = (word, distance) }
    }
    return best?.word
}

/// Lower case, with `_` for `-` and `.`: people confuse these without mistyping.
private func folded(_ text: String) -> [UInt8] {
    text.utf8.prefix(65).map { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
        case UInt8(ascii: "-"), UInt8(ascii: "."): UInt8(ascii: "_")
        default: byte
        }
    }
}

/// The number of insertions, deletions, substitutions and swaps of neighbours that turn one into
/// the other (optimal string alignment).
func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
            var cost = min(last[j + 1], row[j]) + 1
            cost = min(cost, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                cost = min(cost, beforeLast[j - 1] + 1)
            }
            row.append(cost)
        }
        (beforeLast, last) = (last, row)
    }
    return last[b.count]
}
