import Basics
import Foundation
import Testing
import Wire

@testable import Sessions

/// I8: no tool is run twice by our doing, and no result is thrown away while its call is alive; I14:
/// what a call or a result carries that nobody here knows reaches its peer.
@Suite struct CallsAndResultsTests {
    /// Gemini and a client, with what is remembered of their calls between them.
    private struct Scene {
        var calls = ToolCalls()
        var connection: ConnectionID = 1
        private(set) var end: Journal.ID = 0

        /// What the client is shown of a message with these calls; nil: nothing.
        @discardableResult
        mutating func call(_ elements: String..., room: Int = 1 << 20) throws -> (
            shown: String?, reception: ToolCalls.Reception
        ) {
            end += 1
            let said = try FromGemini(
                #"{"toolCall":{"functionCalls":[\#(elements.joined(separator: ","))]}}"#)
            let reception = calls.called(
                said.message.tool, in: said.bytes.span, connection: connection, free: [],
                mayBeLeft: true, room: room, end: end, at: .at(Int64(end)))
            let shown = ServerMessage.edit(said.bytes.span, [.calls(reception.edits)])
            return (shown?.text, reception)
        }

        /// What gemini is sent of a message with these results; nil: nothing.
        mutating func answer(_ elements: String...) throws -> (
            sent: String?, verdict: ToolCalls.Verdict
        ) {
            end += 1
            let said = try FromClient(Self.message(elements))
            let verdict = calls.answered(
                said.outbound.message.value, in: said.bytes.span, connection: connection, end: end)
            guard let edits = verdict.edits else { return (said.bytes.text, verdict) }
            return (ClientMessage.edit(said.bytes.span, [.answers(edits)])?.text, verdict)
        }

        /// The client's ids of the calls that a cancellation leaves to be shown.
        mutating func cancel(_ ids: String) throws -> String? {
            let said = try FromGemini(#"{"toolCallCancellation":{"ids":[\#(ids)]}}"#)
            let edits = calls.cancelled(
                said.message.cancellation, in: said.bytes.span, connection: connection)
            guard let edits else { return said.bytes.text }
            return ServerMessage.edit(said.bytes.span, [.cancelled(edits)])?.text
        }

        /// The line is lost, and the question is said again on another.
        mutating func moveOn(asksAgain: Bool = true) {
            connection += 1
            calls.carriedOver(by: IDSet(), to: connection)
            calls.saidAgain(from: asksAgain ? 0 : nil, on: connection, knowing: IDSet())
        }

        static func message(_ elements: [String]) -> String {
            #"{"toolResponse":{"functionResponses":[\#(elements.joined(separator: ","))]}}"#
        }
    }

    private static func call(_ id: String, _ name: String = "f", _ args: String = #"{"n":1}"#)
        -> String
    {
        id.isEmpty
            ? #"{"name":"\#(name)","args":\#(args)}"#
            : #"{"id":"\#(id)","name":"\#(name)","args":\#(args)}"#
    }

    private static func result(_ id: String, _ name: String = "f", _ word: String = "done")
        -> String
    {
        id.isEmpty
            ? #"{"name":"\#(name)","response":{"output":"\#(word)"}}"#
            : #"{"id":"\#(id)","name":"\#(name)","response":{"output":"\#(word)"}}"#
    }

    @Test(
        "I4: calls and results on one connection pass unchanged, in as many messages as they come")
    func passes() throws {
        var scene = Scene()
        let (shown, reception) = try scene.call(
            Self.call("a"), Self.call("b", "g"), Self.call("c"))
        #expect(
            reception.fresh == 3 && reception.known == 0
                && reception.edits == [.keep, .keep, .keep])
        #expect(shown?.contains(#""id":"c""#) == true)
        for (ids, isWaiting) in [(["b"], true), (["c", "a"], false)] {
            let results = ids.map { Self.result($0) }
            let message = Scene.message(results)
            let sent =
                results.count == 1
                ? try scene.answer(results[0]) : try scene.answer(results[0], results[1])
            #expect(sent.sent == message && sent.verdict.goesOn)
            #expect(scene.calls.isWaiting == isWaiting && scene.calls.wasAwaited)
        }
    }

    // MARK: Results that no service takes

    @Test("8.3: the late result of a cancelled call is dropped and counted; those beside it pass")
    func cancelledLate() throws {
        var scene = Scene()
        try scene.call(Self.call("a"), Self.call("b", "g"))
        _ = try scene.cancel(#""a""#)
        let late = try scene.answer(Self.result("a"), Self.result("b", "g"))
        #expect(late.sent == Scene.message([Self.result("b", "g")]))
        #expect(late.verdict.dropped == 1 && scene.calls.wasAwaited)
        // Nor is the model told it in words, on whatever connection.
        scene.moveOn(asksAgain: false)
        #expect(scene.calls.words(of: ["a"]) == nil)
    }

    @Test("8.4: of two results for one id the second is dropped and counted, in later turns too")
    func answeredTwice() throws {
        for id in ["a", ""] {
            var scene = Scene()
            try scene.call(Self.call(id))
            #expect(try scene.answer(Self.result(id)).verdict.dropped == 0)
            let second = try scene.answer(Self.result(id, "f", "more"))
            #expect(second.sent == nil && second.verdict.dropped == 1)
            #expect(!second.verdict.goesOn && !scene.calls.wasAwaited)
            // What was told first holds for a call that is made again.
            scene.moveOn()
            let again = try scene.call(Self.call("b")).reception
            #expect(again.answers.map(\.text) == [Self.result("b")])
        }
        var scene = Scene()
        try scene.call(Self.call("a"))
        _ = try scene.answer(Self.result("a"))
        scene.calls.turnEnded(connection: 1, open: 0)
        #expect(scene.calls.calls.isEmpty)
        #expect(try scene.answer(Self.result("a")).verdict.dropped == 1)
        // What nobody here has heard of is gemini's to judge.
        #expect(try scene.answer(Self.result("x")).verdict.dropped == 0)
    }

    @Test("the pieces of a result are one, and each passes until the last")
    func resultInPieces() throws {
        var scene = Scene()
        try scene.call(Self.call("a"))
        let piece = Self.result("a").dropLast() + #","willContinue":true}"#
        for _ in 0..<2 {
            let sent = try scene.answer(String(piece))
            #expect(sent.sent == Scene.message([String(piece)]) && sent.verdict.dropped == 0)
        }
        #expect(try scene.answer(Self.result("a")).verdict.dropped == 0)
        #expect(try scene.answer(String(piece)).verdict.dropped == 1)
    }

    /// Ids may be counted anew, and are Gemini's choice.
    @Test(arguments: [false, true])
    func `a call under the id of one that is over has a result of its own`(isCancelled: Bool) throws
    {
        for hasEnded in [false, true] {
            var scene = Scene()
            try scene.call(Self.call("a"))
            _ = isCancelled ? try scene.cancel(#""a""#) : try scene.answer(Self.result("a")).sent
            if hasEnded { scene.calls.turnEnded(connection: 1, open: 0) }
            let shown = try scene.call(Self.call("a", "f", #"{"n":2}"#)).reception
            #expect(shown.fresh == 1 && scene.calls.isWaiting)
            let sent = try scene.answer(Self.result("a", "f", "two"))
            #expect(sent.sent == Scene.message([Self.result("a", "f", "two")]))
            #expect(scene.calls.wasAwaited && !scene.calls.isWaiting)
            #expect(try scene.answer(Self.result("a")).verdict.dropped == 1)
        }
    }

    @Test("I16: what is remembered of calls that are over is limited, and given up for room")
    func finished() throws {
        var scene = Scene()
        for number in 0..<1000 {
            try scene.call(Self.call("a\(number)"))
            _ = try scene.answer(Self.result("a\(number)"))
            scene.calls.turnEnded(connection: 1, open: 0)
        }
        let size = scene.calls.size
        #expect(scene.calls.calls.isEmpty && size > 0 && size <= 4096)
        #expect(try scene.answer(Self.result("a999")).verdict.dropped == 1)
        _ = scene.calls.shrink(to: 0)
        #expect(scene.calls.size == 0)
    }

    @Test("results for calls that are not remembered are counted as dropped, once, if they are")
    func unremembered() throws {
        var scene = Scene()
        try scene.call(Self.call("a"))
        let own = Array(Scene.message([Self.result("a")]).utf8)
        let others = Array(Scene.message([Self.result("x"), Self.result("y")]).utf8)
        func again(_ bytes: [UInt8]) -> [UInt8]? {
            scene.calls.again(
                bytes, connection: 2, isQuestionSaid: true, isLast: false, ask: { _ in [] })
        }
        // The next connection may know calls from before the session.
        scene.calls.mayKnowOthers = true
        #expect(again(others) == others)
        #expect(scene.calls.dropped(in: others, at: 5) == 0)
        scene.calls.mayKnowOthers = false
        #expect(again(others) == nil)
        #expect(scene.calls.dropped(in: own, at: 4) == 0)
        #expect(scene.calls.dropped(in: others, at: 5) == 2)
        // And with the connection after that.
        #expect(scene.calls.dropped(in: others, at: 5) == 0)
        #expect(scene.calls.dropped(in: others, at: 9) == 2)
    }

    // MARK: Many

    @Test("I8: of two hundred outstanding calls every result is awaited and passes")
    func many() throws {
        var scene = Scene()
        for number in 0..<200 { try scene.call(Self.call("a\(number)", "f\(number)")) }
        for number in 0..<200 {
            #expect(scene.calls.isWaiting)
            let result = Self.result("a\(number)", "f\(number)")
            let sent = try scene.answer(result)
            #expect(sent.sent == Scene.message([result]))
            #expect(scene.calls.wasAwaited, "call \(number)")
        }
        #expect(!scene.calls.isWaiting)
    }

    @Test("I8: of two hundred calls, answered or not, none is shown again on the next connection")
    func manyAgain() throws {
        var scene = Scene()
        for number in 0..<200 { try scene.call(Self.call("a\(number)", "f\(number)")) }
        for number in 0..<100 { _ = try scene.answer(Self.result("a\(number)", "f\(number)")) }
        scene.moveOn()
        for number in 0..<200 {
            let (shown, reception) = try scene.call(Self.call("b\(number)", "f\(number)"))
            #expect(shown == nil && reception.known == 1, "call \(number)")
            // The first hundred have their results, under the new id.
            #expect(reception.answers.count == (number < 100 ? 1 : 0))
            let answer = reception.answers.first?.text ?? #""id":"b\#(number)""#
            #expect(answer.contains(#""id":"b\#(number)""#))
        }
        // The client knows the others by their first ids, gemini by their second.
        for number in 100..<200 {
            let sent = try scene.answer(Self.result("a\(number)", "f\(number)")).sent
            #expect(sent == Scene.message([Self.result("b\(number)", "f\(number)")]))
        }
        #expect(!scene.calls.isWaiting)
    }

    @Test("I16: their number is bounded all the same, and open ones are the last to be forgotten")
    func bounded() throws {
        var scene = Scene()
        try scene.call(Self.call("open", "g"))
        for number in 0..<3000 {
            try scene.call(Self.call("a\(number)"))
            _ = try scene.answer(Self.result("a\(number)"))
        }
        #expect(scene.calls.calls.count <= ToolCalls.mostCalls)
        #expect(scene.calls.isWaiting)
        _ = try scene.answer(Self.result("open", "g"))
        #expect(!scene.calls.isWaiting && scene.calls.wasAwaited)
    }

    // MARK: Cancelled

    /// Failure catalogue 8.3, 16.2.
    @Test("a result for a cancelled call goes nowhere, and those beside it keep all they carry")
    func cancelled() throws {
        var scene = Scene()
        try scene.call(Self.call("a"), Self.call("b", "g"))
        #expect(try scene.cancel(#""a""#) == #"{"toolCallCancellation":{"ids":["a"]}}"#)
        #expect(scene.calls.isWaiting)
        let parts =
            #""parts":[{"inlineData":{"mimeType":"image/png","data":"AA"}}],"later":{"x":1}"#
        let live = #"{"id":"b","name":"g","response":{"n":2},\#(parts)}"#
        let (sent, verdict) = try scene.answer(Self.result("a"), live)
        #expect(sent == Scene.message([live]))
        #expect(verdict.dropped == 1 && verdict.goesOn && !scene.calls.isWaiting)
        let late = try scene.answer(Self.result("a"))
        #expect(late.sent == nil && late.verdict.dropped == 1 && !late.verdict.goesOn)
    }

    @Test("a cancelled call may be made again, and is then another")
    func cancelledAgain() throws {
        var scene = Scene()
        try scene.call(Self.call("a"))
        _ = try scene.cancel(#""a""#)
        scene.moveOn()
        let (shown, reception) = try scene.call(Self.call("b"))
        #expect(shown != nil && reception.fresh == 1)
        #expect(try scene.answer(Self.result("b")).sent == Scene.message([Self.result("b")]))
    }

    @Test(
        "a client is told of cancelled calls under the ids it knows, and of none that it still runs for us"
    )
    func cancelledAlias() throws {
        var scene = Scene()
        try scene.call(Self.call("a"))
        scene.moveOn()
        try scene.call(Self.call("b"))
        #expect(
            try scene.cancel(#""b","other""#) == #"{"toolCallCancellation":{"ids":["a","other"]}}"#)
        #expect(try scene.answer(Self.result("a")).sent == nil)
    }

    // MARK: Ids

    @Test(
        "calls without ids are told apart by name, and each of two with one name has its own result"
    )
    func nameless() throws {
        var scene = Scene()
        try scene.call(Self.call("", "f", #"{"n":1}"#), Self.call("", "f", #"{"n":2}"#))
        try scene.call(Self.call("", "g"))
        for (name, isWaiting) in [("f", true), ("g", true), ("f", false)] {
            let (sent, verdict) = try scene.answer(Self.result("", name))
            #expect(sent == Scene.message([Self.result("", name)]) && verdict.dropped == 0)
            #expect(scene.calls.wasAwaited)
            #expect(scene.calls.isWaiting == isWaiting, "\(name)")
        }
    }

    /// Failure catalogue 8.4.
    @Test(
        "a complete call that is delivered twice is run once; under other arguments it is another")
    func twice() throws {
        var scene = Scene()
        try scene.call(Self.call("a"))
        #expect(try scene.call(Self.call("a")).shown == nil)
        // Blanks are no other arguments.
        #expect(try scene.call(Self.call("a", "f", #"{ "n" : 1 }"#)).shown == nil)
        #expect(try scene.call(Self.call("a", "f", #"{"n":2}"#)).shown != nil)
        // One with a new id is what the model meant.
        #expect(try scene.call(Self.call("b")).shown != nil)
    }

    /// Failure catalogue 16.1.
    @Test("a streamed call is one call, of which every piece is shown")
    func streamed() throws {
        var scene = Scene()
        let pieces = [
            #"{"id":"a","name":"f","willContinue":true}"#,
            #"{"id":"a","partialArgs":[{"jsonPath":"$.x","stringValue":"1"}],"willContinue":true}"#,
            #"{"id":"a","partialArgs":[{"jsonPath":"$.x","stringValue":"1"}],"willContinue":true}"#,
            #"{"id":"a"}"#,
        ]
        for piece in pieces { #expect(try scene.call(piece).shown?.contains(piece) == true) }
        #expect(try scene.answer(Self.result("a")).sent == Scene.message([Self.result("a")]))
        #expect(!scene.calls.isWaiting)
        // Made again, it waits until it is known to be the same, and is then answered.
        scene.moveOn()
        for piece in pieces.dropLast() { #expect(try scene.call(piece).shown == nil) }
        let (shown, reception) = try scene.call(pieces[3])
        #expect(shown == nil && reception.answers.count == 1 && reception.released.isEmpty)
    }

    /// Under an id of its own, because the client knows another call by that one.
    @Test("of a streamed call that turns out to be another, every piece is shown, in order")
    func streamedOther() throws {
        var scene = Scene()
        let pieces = [#"{"id":"a","name":"f","willContinue":true}"#, #"{"id":"a"}"#]
        for piece in pieces { try scene.call(piece) }
        scene.moveOn()
        let other = #"{"id":"a","partialArgs":[{"stringValue":"2"}],"willContinue":true}"#
        #expect(try scene.call(pieces[0]).shown == nil)
        #expect(try scene.call(other).shown == nil)
        let (shown, reception) = try scene.call(pieces[1])
        let renamed = (pieces + [other]).map {
            $0.replacingOccurrences(of: #""id":"a""#, with: #""id":"a-2""#)
        }
        #expect(reception.released.map(\.text) == [renamed[0], renamed[2]])
        #expect(shown?.contains(renamed[1]) == true)
    }

    @Test("a streamed call that is renamed, or of which there are too many, counts once")
    func streamedCount() throws {
        var scene = Scene()
        let pieces = [#"{"id":"a","name":"g","willContinue":true}"#, #"{"id":"a"}"#]
        try scene.call(Self.call("a"))
        scene.moveOn()
        #expect(try pieces.map { try scene.call($0).reception.renamed } == [0, 1])
        for number in 0..<ToolCalls.mostCalls { try scene.call(Self.call("b\(number)")) }
        let more = pieces.map { $0.replacingOccurrences(of: #""a""#, with: #""c""#) }
        #expect(try more.map { try scene.call($0).reception.unkept } == [0, 1])
    }

    // MARK: Unknown fields

    @Test("I14: under another id a result is the same to the last byte")
    func riders() throws {
        var scene = Scene()
        try scene.call(Self.call("a"))
        scene.moveOn()
        try scene.call(#"{"later":[1,{"x":null}],"id":"b","name":"f","args":{"n":1}}"#)
        let rest = #""name":"f","response":{"output":"x"},"scheduling":"SILENT","later":{"a":[1]}}"#
        let (sent, _) = try scene.answer(#"{"id":"a",\#(rest)"#)
        #expect(sent == Scene.message([#"{"id":"b",\#(rest)"#]))
        // And once more from memory.
        scene.moveOn()
        let again = try scene.call(Self.call("c")).reception.answers
        #expect(again.map(\.text) == [#"{"id":"c",\#(rest)"#])
    }

    // MARK: Replay

    /// What a new connection gets in place of a message of results.
    private static func again(
        _ scene: Scene, _ results: [String], isQuestionSaid: Bool = false, isLast: Bool = true
    ) -> String? {
        let bytes = Array(Scene.message(results).utf8)
        return scene.calls.again(
            bytes, connection: scene.connection, isQuestionSaid: isQuestionSaid, isLast: isLast
        ) { Array("words: \($0.text)".utf8) }?.text
    }

    @Test("I8, I15: results are replayed as such only to a connection that knows their calls")
    func replayed() throws {
        var scene = Scene()
        try scene.call(Self.call("a"), Self.call("b", "g"))
        let results = [Self.result("a"), Self.result("b", "g")]
        _ = try scene.answer(results[0], results[1])
        // One that was resumed with a handle from after the calls knows them.
        var known = scene
        known.connection = 2
        known.calls.carriedOver(by: scene.calls.known(on: 1), to: 2)
        #expect(Self.again(known, results) == Scene.message(results))
        // One that was not is told in words, once, unless its question leads to the calls again.
        scene.moveOn(asksAgain: false)
        let said = try #require(Self.again(scene, results))
        #expect(said.hasPrefix("words: ") && said.contains("done"))
        #expect(said.components(separatedBy: "Result of").count == 3)
        #expect(Self.again(scene, results, isLast: false) == "")
        #expect(Self.again(scene, results, isQuestionSaid: true) == nil)
    }

    @Test("of results of which it knows some, it gets those as they are")
    func replayedInPart() throws {
        var scene = Scene()
        try scene.call(Self.call("a"))
        let known = scene.calls.known(on: 1)
        try scene.call(Self.call("b", "g"))
        let results = [Self.result("a"), Self.result("b", "g")]
        _ = try scene.answer(results[0], results[1])
        scene.connection = 2
        scene.calls.carriedOver(by: known, to: 2)
        #expect(Self.again(scene, results) == Scene.message([results[0]]))
    }

    /// Wire reference 14, failure catalogue 4.6: a service closes on a result for a call that it does
    /// not know.
    @Test(
        "a result for a call that nobody made is gemini's to judge, and is not said again elsewhere"
    )
    func strayResult() throws {
        var scene = Scene()
        try scene.call(Self.call("a"))
        let results = [Self.result("a"), Self.result("stray")]
        #expect(try scene.answer(results[0], results[1]).sent == Scene.message(results))
        #expect(try scene.answer(results[1]).sent == Scene.message([results[1]]))
        var known = scene
        known.connection = 2
        known.calls.carriedOver(by: scene.calls.known(on: 1), to: 2)
        #expect(Self.again(known, results) == Scene.message([results[0]]))
        #expect(Self.again(known, [results[1]]) == nil)
        scene.moveOn(asksAgain: false)
        #expect(Self.again(scene, results)?.hasPrefix("words: ") == true)
        #expect(Self.again(scene, [results[1]]) == nil)
    }

    // MARK: Waiting

    @Test("I9: a call holds the turn until it is answered, cancelled or abandoned")
    func waiting() throws {
        for ending in ["answer", "cancel", "abandon"] {
            var scene = Scene()
            #expect(!scene.calls.isWaiting && !scene.calls.isHoldingTurn)
            try scene.call(Self.call("a"))
            #expect(scene.calls.isWaiting && scene.calls.isHoldingTurn && scene.calls.block(1))
            #expect(scene.calls.isWaiting(on: 1) && !scene.calls.isWaiting(on: 2))
            switch ending {
            case "answer": _ = try scene.answer(Self.result("a"))
            case "cancel": _ = try scene.cancel(#""a""#)
            default: scene.calls.abandon()
            }
            #expect(!scene.calls.isWaiting && !scene.calls.isHoldingTurn, "\(ending)")
            // An interruption may be a phantom: the result is still taken, and passes.
            #expect(scene.calls.block(1) == (ending == "abandon"))
            if ending == "abandon" {
                #expect(try scene.answer(Self.result("a")).verdict.goesOn)
            }
        }
    }

    @Test("a result that is given in pieces is awaited until its last, and remembered whole")
    func pieces() throws {
        var scene = Scene()
        try scene.call(Self.call("a"))
        let piece = #"{"id":"a","name":"f","response":{"n":1},"willContinue":true}"#
        #expect(try scene.answer(piece).sent == Scene.message([piece]))
        #expect(scene.calls.isWaiting)
        _ = try scene.answer(#"{"id":"a","name":"f","response":{"n":2},"willContinue":false}"#)
        #expect(!scene.calls.isWaiting)
        let words = try #require(scene.calls.words(of: ["a"]))
        #expect(words.text.contains(#"{"n":1}"#) && words.text.contains(#"{"n":2}"#))
    }

    // MARK: Room

    @Test("I16: what is kept is counted; shrunk, results give way to an error, and open calls stay")
    func room() throws {
        var scene = Scene()
        let long = String(repeating: "r", count: 5000)
        for number in 0..<4 { try scene.call(Self.call("a\(number)", "f\(number)")) }
        for number in 0..<3 {
            _ = try scene.answer(Self.result("a\(number)", "f\(number)", long))
        }
        let before = scene.calls.size
        let hasForgotten = scene.calls.shrink(to: 12_000)
        let after = scene.calls.size
        #expect(before >= 15_000 && hasForgotten && after <= 12_000)
        #expect(scene.calls.isWaiting(on: 1))
        scene.moveOn()
        // The oldest lost its result: its tool still does not run again.
        let oldest = try scene.call(Self.call("b0", "f0"))
        #expect(oldest.shown == nil)
        #expect(oldest.reception.answers.first?.text.contains(#""error":"#) == true)
        #expect(
            try scene.call(Self.call("b2", "f2")).reception.answers.first?.text.contains(long)
                == true)
        #expect(try scene.call(Self.call("b3", "f3")).shown == nil)
    }
}
