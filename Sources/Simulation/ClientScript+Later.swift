import Basics
import SimulatedGemini

/// Behaviors added after the first swarms. A run without them draws no random numbers for them.
extension ClientScript {
    mutating func doLaterHabits(_ turn: Int) {
        // A sibling may accept less.
        let isAlone =
            swarm.sibling == nil && !swarm.scenario.faults.contains { $0.name == "retired-model" }
        let takesContent =
            isAlone && swarm.scenario.faults.isEmpty && !swarm.model.hasPrefix("gemini-3.1")
        if swarm.isManual, !isOpen, may(.typedActivity) {
            start()
            wait(draw(0...700))
            let words = "typed in turn \(turn)."
            input(write.text(words), "text in an activity")
            expectation.typed += words
            wait(draw(600...2500))
            end()
            wait(draw(2000...5000))
        }
        if takesContent, !isOpen, may(.seed) {
            // Content interrupts the model's speech: not now.
            wait(draw(5000...7000))
            say(write.history("Remember \(turn)."), "history")
            wait(draw(500...9000))
        }
        if !isOpen, may(.content) {
            let words = "asked in turn \(turn)."
            say(write.content(words), "content \(turn)")
            expectation.typed += words
            wait(draw(1000...5000))
        }
        if isAlone, swarm.model.hasPrefix("gemini-3.8"), may(.context) {
            instruction += 1
            say(write.context("instruction \(instruction)"), "instruction \(instruction)")
            wait(draw(0...1500))
        }
        if may(.screen) {
            for _ in 0..<Int.random(in: 2...10, using: &random) {
                input(write.screen(12_000), "screen")
                wait(draw(200...600))
            }
        }
    }

    /// Unlike `does`, draws no random number if the run does not include it.
    private mutating func may(_ habit: ClientBehavior) -> Bool {
        swarm.weight(habit) > 0 && does(habit)
    }
}
