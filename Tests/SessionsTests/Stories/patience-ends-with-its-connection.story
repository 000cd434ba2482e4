# A reply that nobody may interrupt is whole but for its end when its connection is lost: only the question behind it is said again

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client sends {"setup":{"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true},"activityHandling":"NO_INTERRUPTION"}}}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true},"activityHandling":"NO_INTERRUPTION"}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text Name a river.
    -> as it came
    * turnStarted(1, .text)
+20ms client start
    -> as it came
    * activityStarted(by: .client)
+80ms gemini audio 300ms
    * firstAudio(1, after: 100ms)
    -> as it came
+10ms gemini says The Po.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 56))
+100ms client audio 300ms
    -> as it came
+200ms client end
    * ruleApplied(.shortActivity, .observe, detail: .audio(300ms))
    -> as it came
    * activityEnded(by: .client, audio: 300ms)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)
+10ms gemini generation-complete
    -> as it came
+10ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    -> client {"serverContent":{"turnComplete":true}} (binary)
    * madeUp(.turnComplete)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"historyConfig":{"initialHistoryInClientContent":true},"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true},"activityHandling":"NO_INTERRUPTION"}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 240ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"Name a river."}]},{"role":"model","parts":[{"text":"The Po."}]}],"turnComplete":true}} (text)
    * contextRestored(2)
    -> gemini activityStart (text)
    -> gemini audio 300ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 300ms, missing: 0s)
+700ms gemini audio 300ms
    * firstAudio(2, after: 960ms)
    * recovered(.closed(.internalError), after: 940ms)
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
