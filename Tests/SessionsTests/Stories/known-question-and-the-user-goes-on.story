# The new connection knows the question, and would be asked for its answer: the user has gone on meanwhile

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
+100ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+100ms gemini sends {"sessionResumptionUpdate":{"newHandle":"h-1","resumable":true,"lastConsumedClientMessageIndex":"5"}}
    * handleReceived(resumable: true)
+100ms gemini closes 1011 gone
    * closed(.gemini, .Close(code: 1011, reason: "gone"), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "gone")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+100ms client start
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+50ms client audio 100ms
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+50ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 250ms)
    * inputHeld(messages: 2)
    -> gemini activityStart (text)
    * activityStarted(by: .client)
    -> gemini audio 100ms (text)
+600ms client audio 700ms
    -> as it came
+100ms client end
    -> as it came
    * activityEnded(by: .client, audio: 800ms)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)
+900ms gemini audio 200ms
    * firstAudio(2, after: 900ms)
    * recovered(.closed(.internalError), after: 1850ms)
    -> as it came
+10ms gemini generation-complete
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+5s nothing
