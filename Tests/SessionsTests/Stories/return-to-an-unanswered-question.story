# Nobody misses an answer while the client is away; once it is back, the clocks go on
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
+100ms gemini handle h-1
    * handleReceived(resumable: true)
    -> client {"sessionResumptionUpdate":{"newHandle":"turnkeeper.s-1.secret","resumable":true}} (binary)
    * ruleApplied(.handleReplaced, .enforce, detail: .none)
    -> keep turnkeeper.s-1.secret: handle h-1
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+200ms client vanishes
    * closed(.client, .Close(code: 1006, reason: ""), by: .client)
    * parked(15s)
+8s client returns manual gemini-3.1-flash-live-preview "sessionResumption":{"handle":"turnkeeper.s-1.secret"}
    * unparked(after: 8s, messages: 0, missing: 0s)
    -> client {"setupComplete":{}} (binary)
+1s gemini audio 200ms
    * firstAudio(1, after: 9200ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+1s nothing
