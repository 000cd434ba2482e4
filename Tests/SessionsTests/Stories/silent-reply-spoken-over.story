# A user who speaks over a reply without a sound has had no answer: both questions are said again

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
+100ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+500ms client audio 700ms
    -> as it came
+100ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+1s gemini silence 300ms
    * firstAudio(1, after: 1s)
    -> as it came
+500ms client start
    -> as it came
    * activityStarted(by: .client)
+500ms client audio 700ms
    -> as it came
+100ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)
+300ms gemini closes 1011 gone
    * closed(.gemini, .Close(code: 1011, reason: "gone"), by: .gemini)
    -> client {"serverContent":{"interrupted":true}} (binary)
    * madeUp(.interrupted)
    -> client {"serverContent":{"turnComplete":true}} (binary)
    * madeUp(.turnComplete)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "gone")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 250ms)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini activityEnd (text)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 6, audio: 1400ms, missing: 0s)
+900ms gemini audio 200ms
    * firstAudio(2, after: 1450ms)
    * recovered(.closed(.internalError), after: 1150ms)
    -> as it came
+10ms gemini generation-complete
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+5s nothing
