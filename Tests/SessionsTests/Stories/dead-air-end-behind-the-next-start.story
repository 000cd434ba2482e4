# A half was interrupted, which was not shown, and the next activity begins before the end of that: it is no empty turn of the question in between

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.8-live
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client start
    -> as it came
    * activityStarted(by: .client)
+100ms client audio 300ms
    -> as it came
  at 2.56s
    * ruleApplied(.deadAir, .enforce, detail: .audio(300ms))
    -> gemini activityEnd (text)
    * activityEnded(by: .turnkeeper, audio: 300ms)
    * turnStarted(1, .audio)
+1700ms client audio 300ms
    -> gemini activityStart (text)
    * activityStarted(by: .turnkeeper)
    -> as it came
+20ms client end
    * ruleApplied(.shortActivity, .observe, detail: .audio(300ms))
    -> as it came
    * activityEnded(by: .client, audio: 300ms)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)
+300ms gemini interrupted
    * ruleApplied(.deadAir, .enforce, detail: .messages(1))
+20ms client start
    -> as it came
    * activityStarted(by: .client)
+30ms gemini turn-complete
    * byproductKept(.emptyTurn)
+300ms gemini interrupted
    -> as it came
    * turnEnded(2, .interrupted)
+20ms gemini turn-complete
    -> as it came
+100ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(3, .audio)
+900ms gemini audio 200ms
    * firstAudio(3, after: 900ms)
    -> as it came
+10ms gemini generation-complete
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)
+5s nothing
