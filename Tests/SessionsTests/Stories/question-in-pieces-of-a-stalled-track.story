# FC 16.17: the network pauses in mid-question, and the answer to the first piece has begun: a new connection hears both

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
+1s client text Name a river.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini audio 300ms
    * firstAudio(1, after: 500ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+30ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+10ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+10ms client audio 700ms
    -> as it came
  at 4.03s
    * ruleApplied(.deadAir, .enforce, detail: .audio(700ms))
    -> gemini activityEnd (text)
    * activityEnded(by: .turnkeeper, audio: 700ms)
    * turnStarted(2, .audio)
+1400ms gemini audio 300ms
    * firstAudio(2, after: 200ms)
    -> as it came
+600ms client audio 600ms
    -> gemini activityStart (text)
    * activityStarted(by: .turnkeeper)
    -> as it came
    * turnEnded(2, .interrupted)
+10ms gemini interrupted
    * ruleApplied(.deadAir, .enforce, detail: .messages(1))
+10ms gemini turn-complete
    * ruleApplied(.deadAir, .enforce, detail: .messages(1))
+600ms client end
    -> as it came
    * activityEnded(by: .client, audio: 600ms)
    * turnStarted(3, .audio)
+300ms gemini audio 200ms
    * firstAudio(3, after: 300ms)
    -> as it came
+10ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
    * contextLost(300ms)
    * replyCut(.restart)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini audio 600ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 4, audio: 1300ms, missing: 0s)
+700ms gemini audio 300ms
    * recovered(.closed(.internalError), after: 940ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+30ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)
