# The client leaves with a call it has not answered, and comes back to the same node: it is shown the call once more under its id, and of two results the first is told
handle turnkeeper.s-1.secret

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{},"tools":[{"functionDeclarations":[{"name":"f"},{"name":"g"}]}]
    -> offer turnkeeper.s-1.secret, parks
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> as it came
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text Run both.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini calls f
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
+100ms gemini calls g as c-2
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: nil)
    -> as it came
+100ms client answers c-2
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
+20ms client vanishes
    * closed(.client, .Close(code: 1006, reason: ""), by: .client)
    * parked(15s)
+3s client returns manual gemini-3.1-flash-live-preview "sessionResumption":{"handle":"turnkeeper.s-1.secret"}
    * unparked(after: 3s, messages: 1, missing: 0s)
    -> client {"setupComplete":{}} (binary)
    -> client {"toolCall":{"functionCalls":[{"id":"c-1","name":"f","args":{}}]}} (binary)
+500ms client answers c-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
+500ms client answers c-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    * toolResultsDropped(1)
+500ms gemini audio 200ms
    * firstAudio(1, after: 1s)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+100ms client answers c-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    * toolResultsDropped(1)
+20ms client vanishes
    * closed(.client, .Close(code: 1006, reason: ""), by: .client)
    * parked(15s)
+3s client returns manual gemini-3.1-flash-live-preview "sessionResumption":{"handle":"turnkeeper.s-1.secret"}
    * unparked(after: 3s, messages: 0, missing: 0s)
    -> client {"setupComplete":{}} (binary)
