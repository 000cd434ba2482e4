import Foundation
import Testing

/// What keeps the pure world pure; `Package.swift` alone cannot.
@Suite struct PureTargetTests {
    /// The byte primitives, each access with the reason why it holds.
    static let bytes: Set<String> = ["Sources/Basics/Bytes.swift", "Sources/Basics/Masking.swift"]

    @Test("there are pure targets, and each has files")
    func thereAreSome() {
        #expect(Repository.pureTargets.contains("Sessions"))
        for target in Repository.pureTargets {
            #expect(!Repository.files(in: "Sources/\(target)", endingIn: ".swift").isEmpty)
        }
    }

    @Test("pure targets import only each other, and the byte primitives their loops in C")
    func imports() {
        let pure = Set(Repository.pureTargets)
        let pattern =
            /^\s*(?:@\w+(?:\(\w+\))? )*(?:public |internal |package |private )?import (?:\w+ )?(\w+)/
        for file in Repository.pureFiles {
            let allowed = Self.bytes.contains(file.path) ? pure.union(["CBytes"]) : pure
            for line in file.lines {
                guard let match = line.firstMatch(of: pattern) else { continue }
                #expect(allowed.contains(String(match.output.1)), "\(file.path): \(line)")
            }
        }
    }

    @Test("pure targets use no raw memory, except for the byte primitives")
    func memory() {
        for file in Repository.pureFiles where !Self.bytes.contains(file.path) {
            #expect(file.places(of: /(?i)unsafe|@_silgen_name|@_extern/).isEmpty)
        }
    }

    @Test("pure targets have no clock, randomness or concurrency")
    func determinism() {
        let forbidden =
            /\b(?:ContinuousClock|SuspendingClock|SystemRandomNumberGenerator|DispatchTime|Date\(|clock_gettime|Task\s*\{|Task\.|async\b|await\b)/
        let dice = /\.(?:random|randomElement|shuffled?)\((?!.*using:)/
        for file in Repository.pureFiles {
            let found = file.places(of: forbidden) + file.places(of: dice)
            #expect(found.filter { !$0.contains(/:\d+: *\/\//) }.isEmpty)
        }
    }

    @Test("every file that uses raw memory says why it is safe")
    func safety() {
        for file in Repository.files(in: "Sources", endingIn: ".swift") {
            guard !file.places(of: /^[^\/]*\bunsafe\b/).isEmpty else { continue }
            let saysWhy = file.text.contains("SAFETY:")
            #expect(saysWhy, "\(file.path)")
        }
    }

    @Test("Foundation stays out of the programs")
    func foundation() {
        for file in Repository.files(in: "Sources", endingIn: ".swift") {
            #expect(file.places(of: /^\s*(?:public )?import Foundation/).isEmpty)
        }
    }
}
