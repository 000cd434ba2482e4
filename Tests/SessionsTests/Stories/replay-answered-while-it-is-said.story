# Two questions are said again in real time: an answer meanwhile is for the first, and the rest of the second is said all the same

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client sends {"setup":{"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true},"activityHandling":"NO_INTERRUPTION"}}}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true},"activityHandling":"NO_INTERRUPTION"}}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client start
    -> as it came
    * activityStarted(by: .client)
+1s client audio 10s
    -> as it came
+1s client audio 10s
    -> as it came
+1s client audio 10s
    -> as it came
+1s client end
    -> as it came
    * activityEnded(by: .client, audio: 30s)
    * turnStarted(1, .audio)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+1s client audio 10s
    -> as it came
+1s client audio 10s
    -> as it came
+1s client audio 5s
    -> as it came
+1s client end
    -> as it came
    * activityEnded(by: .client, audio: 25s)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)
+100ms gemini closes 1011 gone
    * closed(.gemini, .Close(code: 1011, reason: "gone"), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "gone")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true},"activityHandling":"NO_INTERRUPTION"}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 250ms)
    * contextLost(0s)
    -> gemini activityStart (text)
    -> gemini audio 10000ms (text)
    -> gemini audio 10000ms (text)
    -> gemini audio 10000ms (text)
    -> gemini activityEnd (text)
    -> gemini activityStart (text)
    -> gemini audio 10000ms (text)
    -> gemini audio 10000ms (text)
    * replayed(messages: 8, audio: 50s, missing: 0s)
+500ms gemini audio 200ms
    * firstAudio(2, after: 850ms)
    * recovered(.closed(.internalError), after: 750ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
  at 15.61s
    -> gemini audio 5000ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 2, audio: 5s, missing: 0s)
+7s nothing
+500ms gemini audio 200ms
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
  at 20.05s
    -> ping client
+5s nothing
