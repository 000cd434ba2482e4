# FC 1.4: an activity whose end never came was ended for its silence and answered: a start, audio and an end in one message are the next question

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
+3s gemini audio 200ms
    * firstAudio(1, after: 1800ms)
    -> as it came
+20ms gemini generation-complete
+50ms gemini turn-complete
    * ruleApplied(.deadAir, .enforce, detail: .messages(1))
+1s client sends {"realtimeInput":{"activityStart":{},"audio":{"mimeType":"audio/pcm;rate=16000","data":"BwcHBw=="},"activityEnd":{}}}
    * ruleApplied(.combinedInput, .enforce, detail: .none)
    -> gemini activityStart (text)
    * activityStarted(by: .client)
    -> client {"serverContent":{"generationComplete":true}} (binary)
    -> client {"serverContent":{"turnComplete":true}} (binary)
    * turnEnded(1, .answered)
    -> gemini audio 0ms (text)
    * ruleApplied(.shortActivity, .enforce, detail: .audio(0ms))
  at 5.95s
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 0ms)
    * turnStarted(2, .audio)
+2s gemini audio 200ms
    * firstAudio(2, after: 1400ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
