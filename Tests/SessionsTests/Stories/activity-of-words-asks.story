# What is written in an activity asks with its end: from then on the model is waited for

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
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+700ms gemini audio 200ms
    * firstAudio(1, after: 700ms)
    -> as it came
+20ms gemini says Good day, what can I do for you?
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 81))
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+20ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(2, .audio)
+3s client start
    -> as it came
    * activityStarted(by: .client)
+200ms client text And what is the time?
    -> as it came
+2s client end
    * ruleApplied(.emptyActivity, .enforce, detail: .none)
    -> gemini audio 100ms (text)
    -> as it came
    * activityEnded(by: .client, audio: 0s)
    * typed("And what is the time?")
    * turnEnded(2, .interrupted)
    * turnStarted(3, .text)
+3s nothing
  at 13.71s
    * stalled(.noOutput, turn: 3)
    * nudged(turn: 3, .noOutput)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+2s nothing
