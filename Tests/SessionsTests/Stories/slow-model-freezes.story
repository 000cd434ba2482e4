# A slow model is slow to begin, not to go on: what breaks off is moved by the profile's clock

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
+0s learned 14s 24s
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
+12s gemini audio 500ms
    * firstAudio(1, after: 12s)
    -> as it came
  at 20.05s
    -> ping gemini
    -> ping client
  at 21.98s
    * stalled(.outputFroze, turn: 1)
    * troubled(.stalled(.outputFroze), nil)
    * dialing(2)
    -> dial 2
+9s nothing
