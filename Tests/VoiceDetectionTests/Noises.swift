import Basics
import Foundation

/// Sounds of a room in which nobody speaks: ten seconds each, 16 kHz, the same on every machine.
enum Noises {
    static let names = [
        "silence", "white noise", "pink noise", "brown noise", "mains hum", "fan", "dial tone",
        "whistle", "typing", "clicks", "door bangs", "paper", "thuds and rattles",
    ]

    static let tones = ["dial tone", "whistle"]

    static func make(_ name: String) -> [Int16] {
        var maker = Maker(seed: UInt64(names.firstIndex(of: name) ?? 0) + 1)
        switch name {
        case "white noise": maker.hiss(3000, low: 0)
        case "pink noise": maker.hiss(9000, low: 0.7)
        case "brown noise": maker.hiss(60_000, low: 0.985)
        case "mains hum":
            for (place, pitch) in [50.0, 100, 150, 250].enumerated() {
                maker.tone(pitch, 2500 / Double(place + 1))
            }
        case "fan":
            maker.hiss(12_000, low: 0.8)
            maker.tremble(12, depth: 0.5)
        case "dial tone": for pitch in [350.0, 440] { maker.tone(pitch, 3000) }
        case "whistle": maker.tone(1200, 4000)
        case "typing": maker.type()
        case "clicks":
            for beat in 0..<12 {
                maker.strike(at: 0.4 + Double(beat) * 0.8, length: 0.005, 25_000, decay: 0.0008)
            }
        case "door bangs": for time in [1.0, 3.5, 6, 8] { maker.bang(at: time) }
        case "paper":
            for beat in 0..<5 {
                maker.strike(
                    at: 0.5 + Double(beat) * 1.9, length: 0.9, 9000, decay: 0.5, low: 0.6)
            }
        case "thuds and rattles":
            for beat in 0..<4 {
                let time = 0.5 + Double(beat) * 2.3
                maker.strike(at: time, length: 0.25, 16_000, decay: 0.07, low: 0.5)
                maker.strike(at: time + 0.35, length: 0.2, 9000, decay: 0.05, low: 0.5)
            }
        default: break
        }
        return maker.samples.map { Int16(max(-32_000, min(32_000, $0))) }
    }

    private struct Maker {
        var samples: [Double]
        private var random: SeededRandom

        /// With the hiss of a quiet line, -64 dB, under everything.
        init(seed: UInt64) {
            random = SeededRandom(seed: seed)
            samples = [Double](repeating: 0, count: 160_000)
            hiss(20, low: 0)
        }

        /// Nearly Gaussian, spread 1.
        private mutating func noise() -> Double {
            var sum = -2.0
            for _ in 0..<4 { sum += Double(random.next() >> 11) * 0x1p-53 }
            return sum * 1.73
        }

        /// `low`: how much of each sample the next one keeps.
        mutating func hiss(_ volume: Double, low: Double) {
            var value = 0.0
            for index in samples.indices {
                value = low * value + (1 - low) * noise()
                samples[index] += volume * value
            }
        }

        mutating func tone(_ pitch: Double, _ volume: Double) {
            for index in samples.indices {
                samples[index] += volume * sin(2 * .pi * pitch * Double(index) / 16_000)
            }
        }

        mutating func tremble(_ pitch: Double, depth: Double) {
            for index in samples.indices {
                samples[index] *= 1 + depth * sin(2 * .pi * pitch * Double(index) / 16_000)
            }
        }

        mutating func strike(
            at time: Double, length: Double, _ volume: Double, decay: Double, low: Double = 0
        ) {
            var value = 0.0
            let start = Int(time * 16_000)
            for index in 0..<Int(length * 16_000) where start + index < samples.count {
                value = low * value + (1 - low) * noise()
                samples[start + index] += volume * value * exp(-Double(index) / 16_000 / decay)
            }
        }

        mutating func type() {
            var time = 0.3
            while time < 9.8 {
                strike(at: time, length: 0.03, 9000, decay: 0.004)
                strike(at: time + 0.06, length: 0.02, 4000, decay: 0.003)
                time += Double.random(in: 0.1..<0.25, using: &random)
            }
        }

        mutating func bang(at time: Double) {
            strike(at: time, length: 0.6, 60_000, decay: 0.08, low: 0.95)
            let start = Int(time * 16_000)
            for index in 0..<8000 where start + index < samples.count {
                let age = Double(index) / 16_000
                samples[start + index] += 6000 * sin(2 * .pi * 80 * age) * exp(-age / 0.06)
            }
        }
    }
}
