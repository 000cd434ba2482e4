# A half was answered whole, and its end dropped as the track came back: what gemini still says to it is not shown, as nothing would end it

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
+1700ms gemini audio 200ms
    * firstAudio(1, after: 500ms)
    -> as it came
+10ms gemini generation-complete
+10ms gemini turn-complete
    * ruleApplied(.deadAir, .enforce, detail: .messages(1))
+500ms client audio 300ms
    -> gemini activityStart (text)
    * activityStarted(by: .turnkeeper)
    -> as it came
    * byproductKept(.emptyTurn)
    * turnEnded(1, .answered)
+80ms gemini interrupted
    * ruleApplied(.deadAir, .enforce, detail: .messages(1))
+100ms client audio 300ms
    -> as it came
+50ms client end
    * ruleApplied(.shortActivity, .observe, detail: .audio(600ms))
    -> as it came
    * activityEnded(by: .client, audio: 600ms)
    * turnStarted(2, .audio)
+900ms gemini audio 200ms
    * firstAudio(2, after: 900ms)
    -> as it came
+10ms gemini generation-complete
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+5s nothing
