# FC 1.4: the end of an answer to half a question waits, and is not shown when the track is back

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
+20ms client audio 700ms
    -> as it came
  at 2.48s
    * ruleApplied(.deadAir, .enforce, detail: .audio(700ms))
    -> gemini activityEnd (text)
    * activityEnded(by: .turnkeeper, audio: 700ms)
    * turnStarted(1, .audio)
+1500ms gemini says Half of
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 56))
+10ms gemini audio 200ms
    * firstAudio(1, after: 310ms)
    -> as it came
+20ms gemini generation-complete
+300ms gemini turn-complete
    * ruleApplied(.deadAir, .enforce, detail: .messages(1))
+2s client audio 700ms
    -> gemini activityStart (text)
    * activityStarted(by: .turnkeeper)
    -> as it came
    * byproductKept(.emptyTurn)
    * turnEnded(1, .answered)
+100ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"historyConfig":{"initialHistoryInClientContent":true},"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 240ms)
    * contextLost(700ms)
    -> gemini {"clientContent":{"turns":[{"role":"model","parts":[{"text":"Half of"}]}],"turnComplete":true}} (text)
    * contextRestored(1)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    * replayed(messages: 2, audio: 700ms, missing: 0s)
+400ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(2, .audio)
+500ms gemini audio 200ms
    * firstAudio(2, after: 500ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
