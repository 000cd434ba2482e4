import Basics

/// The service's own voice-activity detector: loudness, in windows of 20 ms.
struct Detector {
    struct Edge: Equatable {
        /// Byte offset in the chunk.
        var offset: Int
        var isStart: Bool
    }

    private(set) var isSpeaking = false
    private var silentSamples = 0

    /// Speech begins with the first loud window and ends after `silence` of quiet ones.
    mutating func feed(_ pcm: [UInt8], rate: Int, silence: Interval) -> [Edge] {
        var edges: [Edge] = []
        let window = max(rate / 50, 1) * 2
        let neededSilence = Int(silence.milliseconds) * rate / 1000
        var lower = 0
        while lower < pcm.count {
            let upper = min(lower + window, pcm.count)
            if Detector.isVoiced(pcm, lower..<upper) {
                silentSamples = 0
                if !isSpeaking {
                    isSpeaking = true
                    edges.append(Edge(offset: lower, isStart: true))
                }
            } else if isSpeaking {
                silentSamples += (upper - lower) / 2
                if silentSamples >= neededSilence {
                    isSpeaking = false
                    silentSamples = 0
                    edges.append(Edge(offset: upper, isStart: false))
                }
            }
            lower = upper
        }
        return edges
    }

    /// The turn was ended by something other than silence.
    mutating func reset() {
        isSpeaking = false
        silentSamples = 0
    }

    private static func isVoiced(_ pcm: [UInt8], _ range: Range<Int>) -> Bool {
        var voiced = 0
        var index = range.lowerBound
        while index + 1 < range.upperBound {
            let sample = Int16(bitPattern: UInt16(pcm[index]) | UInt16(pcm[index + 1]) << 8)
            if sample.magnitude > Sound.voicedAmplitude { voiced += 1 }
            index += 2
        }
        return voiced * 10 > range.count
    }
}
