# I10: a result that waits as the client comes back with another setup is told as dropped: no other session knows its call
handle turnkeeper.s-1.secret

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{}
    -> offer turnkeeper.s-1.secret, parks
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> as it came
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+20ms gemini handle h-1
    * handleReceived(resumable: true)
    -> client {"sessionResumptionUpdate":{"newHandle":"turnkeeper.s-1.secret","resumable":true}} (binary)
    * ruleApplied(.handleReplaced, .enforce, detail: .none)
    -> keep turnkeeper.s-1.secret: handle h-1
+1s client text Run it.
    -> as it came
    * turnStarted(1, .text)
+200ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(200ms))
    -> as it came
+100ms gemini closes 1011 gone
    * closed(.gemini, .Close(code: 1011, reason: "gone"), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "gone")))
    * dialing(2)
    -> dial 2
+100ms client answers a-1
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+20ms client text And hurry.
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+20ms client vanishes
    * closed(.client, .Close(code: 1006, reason: ""), by: .client)
    * parked(15s)
+300ms superseded
    * toolResultsDropped(1)
    -> drop 2
    * turnEnded(1, .interrupted)
    -> retire turnkeeper.s-1.secret: models/gemini-3.1-flash-live-preview, handle h-1, ; unanswered: {"realtimeInput":{"text":"Run it."}}, {"realtimeInput":{"text":"And hurry."}}
    * ended(.completed)
