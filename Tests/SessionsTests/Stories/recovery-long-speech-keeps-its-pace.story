# A question longer than the service takes at once: what is said meanwhile goes behind what is said again, at the same pace

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 20s
    -> as it came
+500ms client audio 20s
    -> as it came
+500ms gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * dialing(2)
    -> dial 2
+100ms client audio 13s
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+100ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 400ms)
    -> gemini activityStart (text)
    -> gemini audio 20000ms (text)
    -> gemini audio 20000ms (text)
    * replayed(messages: 3, audio: 40s, missing: 0s)
    -> gemini audio 13000ms (text)
+1s client audio 2s
    -> as it came
+500ms client audio 5s
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+500ms client end
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
  at 7.68s
    -> gemini audio 5000ms (text)
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 60s)
    * turnStarted(1, .audio)
+5s gemini audio 500ms
    * firstAudio(1, after: 2s)
    -> as it came
+500ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
