# A fresh 3.1 session takes the conversation as its initial history

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
+1s client text My name is Ada.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini says Hello Ada.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 59))
+10ms gemini audio 200ms
    * firstAudio(1, after: 510ms)
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(2, .audio)
+100ms gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
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
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"My name is Ada."}]},{"role":"model","parts":[{"text":"Hello Ada."}]}],"turnComplete":true}} (text)
    * contextRestored(2)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 700ms, missing: 0s)
+700ms gemini audio 200ms
    * firstAudio(2, after: 1040ms)
    * recovered(.closed(.internalError), after: 940ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+20ms gemini handle h-1
    * handleReceived(resumable: true)
