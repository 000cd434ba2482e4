# The client leaves with a call that gemini takes back meanwhile: it is not shown again
handle turnkeeper.s-1.secret

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{},"tools":[{"functionDeclarations":[{"name":"f"}]}]
    -> offer turnkeeper.s-1.secret, parks
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> as it came
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text Run it.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini calls f
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
+20ms client vanishes
    * closed(.client, .Close(code: 1006, reason: ""), by: .client)
    * parked(15s)
+100ms gemini sends {"toolCallCancellation":{"ids":["c-1"]}}
    * toolCancelled(.ByteRange(lower: 24, upper: 39), calls: 1)
+3s client returns manual gemini-3.1-flash-live-preview "sessionResumption":{"handle":"turnkeeper.s-1.secret"}
    * unparked(after: 3100ms, messages: 1, missing: 0s)
    -> client {"setupComplete":{}} (binary)
    -> client {"toolCallCancellation":{"ids":["c-1"]}} (binary)
