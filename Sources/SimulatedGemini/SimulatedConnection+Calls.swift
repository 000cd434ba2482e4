import Basics
import Wire

/// Tools: called, and what their results lead to.
extension SimulatedConnection {
    func compose(
        callOf tool: Settings.Tool, from start: Interval, into reply: inout Reply
    ) {
        let manner = service.scenario.unknowns
        var message = Draft()
        let about = service.scenario.stampsReplies ? reply.heard.stamp : ""
        message.calls = [Call(id: newCallID(), name: tool.name, about: about)]
        if manner.callsInPairs {
            let second = about.isEmpty ? "more" : "more of \(about)"
            message.calls.append(Call(id: newCallID(), name: tool.name, about: second))
        }
        var start = start
        if manner.speaksBeforeCalls, settings.family != .thinking38 {
            let filler = service.voice.say(.thinking)
            start = composer.speak(filler, from: start, into: &reply).sent + .milliseconds(20)
        }
        if settings.family == .thinking38 {
            let thought = fillTime(from: start, into: &reply)
            return reply.add(message, after: thought + composer.lag(200...600))
        }
        reply.add(message, after: start)
        if tool.isBlocking {
            guard settings.family.endsTurnAtCall else { return }
            composer.end(&reply, sent: start, played: start, interaction: nil)
        } else {
            let filler = service.voice.say(.thinking)
            let (sent, played) = composer.speak(
                filler, from: start + .milliseconds(20), into: &reply)
            composer.end(&reply, sent: sent, played: played, interaction: nil)
        }
    }

    func newCallID() -> String {
        let digits = Int64.random(in: 1_000_000_000_000_000_000...Int64.max, using: &random)
        return "function-call-\(digits)"
    }

    /// Continues a turn that waited for its tools.
    func resume(_ number: Int, after call: Call) {
        guard let turn = conversation?.heard.turns[number - 1] else { return }
        var reply = newReply(turn, .tool, .input)
        speakResult(call.name, from: composer.firstLag(), into: &reply)
        finishComposing(&reply, turn)
    }

    func speakResult(_ tool: String, from start: Interval, into reply: inout Reply) {
        // The extended-thinking model takes a response without a name for a broken system.
        let isBroken = tool.isEmpty && settings.family == .thinking38
        var phrase = service.voice.say(isBroken ? .sorry : .toolResult)
        stamp(&phrase, reply.heard)
        let (sent, played) = composer.speak(phrase, from: start, into: &reply)
        composer.end(
            &reply, sent: sent, played: played,
            interaction: settings.family == .thinking38 ? .idle : nil)
    }

    /// The tool whose result is in the user's words: no reason to call it.
    func toldResult(in said: String) -> String? {
        settings.tools.first { said.hasPrefix("Result of \($0.name): ") }?.name
    }

    /// The words that are meant as a question: what is in parentheses and "not to answer" is not.
    private func withoutAsides(_ said: String) -> String {
        var words = said
        while let mark = words.firstRange(of: "not to answer:"),
            let start = words[..<mark.lowerBound].lastIndex(of: "(")
        {
            let end = words[mark.upperBound...].lastIndex(of: ")")
            words.removeSubrange(start..<(end.map(words.index(after:)) ?? words.endIndex))
        }
        return words
    }

    func wantedTool(_ said: String) -> Settings.Tool? {
        guard let first = settings.tools.first else { return nil }
        let heard = withoutAsides(said).lowercased()
        if let named = settings.tools.first(where: { heard.mentions($0.name.lowercased()) }) {
            return named
        }
        if heard.mentions("use the tool") { return first }
        let every = service.scenario.callsToolEvery
        let number = conversation?.memory.turns.count ?? 0
        return every > 0 && number % every == 0 ? first : nil
    }
}
