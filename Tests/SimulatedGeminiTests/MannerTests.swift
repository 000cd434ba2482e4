import Basics
import SimulatedGemini
import Testing
import Wire

/// How messages are combined, ordered and timed, where the protocol leaves it open.
@Suite struct MannerTests {
    private func play(
        fields: String = "", repeats: Int = 10, _ change: @escaping (inout Unknowns) -> Void
    ) throws -> Play {
        try Play([], fields: fields) {
            $0.replyRepeats = repeats
            change(&$0.unknowns)
        }
    }

    @Test("a turn ends with its last sound, with generationComplete or without")
    func turnEnd() throws {
        for manner in [Unknowns.TurnEnd.together, .bare] {
            let play = try play { $0.turnEnd = manner }
            play.turn(1)
            let ends = play.caller.messages.filter { $0.content["turnComplete"] != nil }
            let end = try #require(ends.first)
            #expect(ends.count == 1)
            #expect(!end.audio.isEmpty && end.json["usageMetadata"] != nil)
            #expect((end.content["generationComplete"] != nil) == (manner == .together))
            let later = play.caller.messages.filter { $0.at > end.at }
            #expect(later.allSatisfy { $0.audio.isEmpty })
            #expect(play.caller.outcomes == [.answered])
        }
    }

    @Test("an interruption and its end come together")
    func interruption() throws {
        let play = try play(repeats: 200) { $0.interruptsTogether = true }
        play.turn(1, wait: .milliseconds(2500))
        play.turn(2)
        let marks = play.caller.messages.filter { $0.content["interrupted"] != nil }
        #expect(marks.count == 1)
        #expect(marks.allSatisfy { $0.content["turnComplete"] != nil })
        #expect(play.caller.outcomes == [.interrupted, .answered])
    }

    @Test("input before the first sound of an answer interrupts it, or says nothing")
    func unheard() throws {
        for interrupts in [true, false] {
            let play = try play { $0.interruptsUnheard = interrupts }
            play.turn(1, wait: .milliseconds(200))
            play.turn(2, wait: .seconds(20))
            #expect(play.caller.story.contains("interrupted") == interrupts)
            let ends = play.caller.messages.count { $0.content["turnComplete"] != nil }
            #expect(ends == (interrupts ? 2 : 1))
            #expect(play.caller.outcomes == [.interrupted, .answered])
        }
    }

    @Test("sound and its words come together or apart, the user's words late, or twice")
    func words() throws {
        for bundles in [true, false] {
            let play = try play {
                $0.bundlesWords = bundles
                $0.lateWords = .seconds(30)
                $0.sendsInterimWords = true
            }
            play.turn(1, wait: .seconds(40))
            let isBundled = play.caller.messages.contains {
                !$0.audio.isEmpty && $0.content["outputTranscription"] != nil
            }
            #expect(isBundled == bundles)
            func place(_ key: String) throws -> Int {
                try #require(play.caller.messages.firstIndex { $0.content[key] != nil })
            }
            let end = try place("turnComplete")
            let heard = try place("inputTranscription")
            let interim = try place("interimInputTranscription")
            #expect(interim < end && end < heard)
        }
    }

    @Test("usage comes in a separate message after the end")
    func usage() throws {
        let play = try play { $0.separatesUsage = true }
        play.turn(1, wait: .seconds(30))
        let end = try #require(
            play.caller.messages.firstIndex { $0.content["turnComplete"] != nil })
        let usage = try #require(
            play.caller.messages.firstIndex { $0.json["usageMetadata"] != nil })
        #expect(usage == end + 1)
        #expect(play.caller.messages[usage].content.isEmpty)
        #expect(play.heard.turns[0].usage != nil)
    }

    @Test("handles come once, or also for a question, and may count messages")
    func handles() throws {
        let once = try play { $0.handles = .start }
        once.turn(1, wait: .seconds(30))
        #expect(once.handles.count == 1)

        let questions = try play {
            $0.handles = .questions
            $0.countsMessages = true
        }
        questions.turn(1, wait: .milliseconds(100))
        #expect(questions.heard.handles.last?.covers == [1])
        // The setup, a start, a sound and an end.
        let said = questions.caller.messages.flatMap(\.bytes).filter { $0 != 0x20 }
        #expect(String(decoding: said, as: UTF8.self).contains(#"ClientMessageIndex":"4""#))
    }

    @Test("messages that mean nothing precede others")
    func chatter() throws {
        let play = try play { $0.chatter = 1 }
        play.turn(1, wait: .seconds(30))
        let empty = play.caller.messages.count {
            $0.json["voiceActivity"] != nil && $0.content.isEmpty
        }
        #expect(empty > 3)
        #expect(play.caller.outcomes == [.answered])
    }

    @Test("two calls in one message are answered when both have their results")
    func pairs() throws {
        for model in [Play.flash31, Play.native25] {
            let play = try Play([], model: model, fields: Play.tool) {
                $0.unknowns.callsInPairs = true
                $0.unknowns.speaksBeforeCalls = true
            }
            play.caller.text("call report")
            play.caller.wait(.seconds(5))
            let ids = play.caller.callIDs
            #expect(Set(ids).count == 2)
            let story = play.caller.story
            let call = try #require(story.firstIndex(of: "toolCall"))
            #expect(story[..<call].contains("audio"))
            play.caller.answer(ids[0], "report")
            play.caller.wait(.seconds(5))
            #expect(!play.caller.replies.joined().contains("The tool has answered"))
            play.caller.answer(ids[1], "report")
            play.caller.wait(.seconds(10))
            #expect(play.caller.replies.joined().contains("The tool has answered"))
            #expect(play.caller.violations.isEmpty)
        }
    }

    @Test("a scenario file sets each of them")
    func reading() throws {
        let place = Place(file: "test", line: 1, column: 1)
        let written = [
            ("turn_end", "bare"), ("interrupts_together", "true"), ("interrupts_unheard", "false"),
            ("bundles_words", "true"), ("late_words", "2s"), ("interim_words", "true"),
            ("separates_usage", "true"), ("handles", "start"), ("counts_messages", "true"),
            ("chatter", "0.5"), ("calls_in_pairs", "true"), ("speaks_before_calls", "true"),
        ]
        let members = written.map { name, value in
            (key: name, keyPlace: place, value: Tree.scalar(value, place, quoted: false))
        }
        let tree = Tree.mapping(
            [(key: "unknowns", keyPlace: place, value: .mapping(members, place))], place)
        let read = try Scenario(tree).unknowns
        var expected = Unknowns()
        expected.turnEnd = .bare
        expected.interruptsTogether = true
        expected.interruptsUnheard = false
        expected.bundlesWords = true
        expected.lateWords = .seconds(2)
        expected.sendsInterimWords = true
        expected.separatesUsage = true
        expected.handles = .start
        expected.countsMessages = true
        expected.chatter = 0.5
        expected.callsInPairs = true
        expected.speaksBeforeCalls = true
        #expect(read == expected)
    }
}
