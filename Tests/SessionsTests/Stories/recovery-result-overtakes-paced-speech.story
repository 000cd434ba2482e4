# A call that comes while long speech is said again at its pace: its result does not wait behind the speech

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
+500ms client audio 20s
    -> as it came
+500ms gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * dialing(2)
    -> dial 2
+100ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 300ms)
    -> gemini activityStart (text)
    -> gemini audio 20000ms (text)
    -> gemini audio 20000ms (text)
    * replayed(messages: 3, audio: 40s, missing: 0s)
+100ms client audio 13s
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+100ms gemini calls f
    * turnStarted(1, .none)
    * recovered(.closed(.internalError), after: 500ms)
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: nil)
    -> as it came
+300ms client answers c-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
  at 13.08s
    -> gemini audio 20000ms (text)
    * replayed(messages: 1, audio: 20s, missing: 0s)
    * inputHeld(messages: 1)
  at 20.05s
    -> ping client
  at 21.08s
    -> gemini audio 13000ms (text)
  at 22.28s
    * ruleApplied(.deadAir, .enforce, detail: .audio(73s))
    -> gemini activityEnd (text)
    * activityEnded(by: .turnkeeper, audio: 73s)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)
  at 22.88s
    -> ping gemini
+20s client end
    * ruleApplied(.deadAir, .enforce, detail: .late)
+1s nothing
