# FC 16.15: sound that is closed upon is said once more, no more

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
+20ms gemini handle h-0
    * handleReceived(resumable: true)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+100ms gemini closes 1007 Request contains an invalid argument.
    * closed(.gemini, .Close(code: 1007, reason: "Request contains an invalid argument."), by: .gemini)
    * troubled(.closed(.invalid), Optional(.Close(code: 1007, reason: "Request contains an invalid argument.")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+100ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.invalid), .resumed, after: 150ms)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 700ms, missing: 0s)
+100ms gemini closes 1007 Request contains an invalid argument.
    * closed(.gemini, .Close(code: 1007, reason: "Request contains an invalid argument."), by: .gemini)
    * inputDropped(700ms)
    * gaveUp(.closed(.invalid), "gemini refuses what was said")
    -> client {"serverContent":{"turnComplete":true}} (binary)
    * madeUp(.turnComplete)
    * turnEnded(1, .lost)
    * troubled(.closed(.invalid), Optional(.Close(code: 1007, reason: "Request contains an invalid argument.")))
    * dialing(3)
    -> dial 3
+50ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+100ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.invalid), .resumed, after: 150ms)
+1s nothing
