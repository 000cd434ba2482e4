# A client that sends too fast is not read until it has credit again; nothing is lost
policy limits.messages_per_second=4

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
+0s client audio 20ms
    -> as it came
+0s client audio 20ms
    -> as it came
+0s client audio 20ms
    -> as it came
+0s client audio 20ms
    -> pause client
    * limitReached(.messagesPerSecond)
    -> as it came
+0s client audio 20ms
    -> as it came
  at 2.26s
    -> resume client
  at 3.46s
    * ruleApplied(.deadAir, .enforce, detail: .audio(100ms))
    -> gemini activityEnd (text)
    * activityEnded(by: .turnkeeper, audio: 100ms)
    * turnStarted(1, .audio)
+3s client audio 20ms
    -> gemini activityStart (text)
    * activityStarted(by: .turnkeeper)
    -> as it came
+1s client end
    -> as it came
    * activityEnded(by: .client, audio: 20ms)
    * turnEnded(1, .interrupted)
    * turnStarted(2, .audio)
