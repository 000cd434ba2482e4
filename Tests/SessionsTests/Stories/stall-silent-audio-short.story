# 16.10: an inaudible answer may be as short as a word; a word that begins softly is one

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
+1s client text Is it?
    -> as it came
    * turnStarted(1, .text)
+500ms gemini silence 900ms
    * firstAudio(1, after: 500ms)
    -> as it came
+20ms gemini generation-complete
+50ms gemini turn-complete
    * ruleApplied(.emptyTurn, .enforce, detail: .none)
    * stalled(.silentAudio, turn: 1)
    * nudged(turn: 1, .silentAudio)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+500ms gemini silence 100ms
    * byproductKept(.emptyTurn)
    * nudgeEnded(.answered)
    * recovered(.stalled(.silentAudio), after: 500ms)
    -> as it came
+20ms gemini audio 100ms
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+1s client text Is it still?
    -> as it came
    * turnStarted(2, .text)
+500ms gemini sends {"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"AAAAAAAAAAAAAAAA"}}]},"generationComplete":true,"turnComplete":true}}
    * firstAudio(2, after: 500ms)
    * ruleApplied(.emptyTurn, .enforce, detail: .none)
    * stalled(.silentAudio, turn: 2)
    * nudged(turn: 2, .silentAudio)
    -> gemini {"realtimeInput":{"text":" "}} (text)
    -> client {"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"AAAAAAAAAAAAAAAA"}}]}}} (binary)
+500ms gemini sends {"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"CQkJCQkJCQkJCQkJ"}}]},"generationComplete":true,"turnComplete":true}}
    * byproductKept(.emptyTurn)
    * nudgeEnded(.answered)
    * recovered(.stalled(.silentAudio), after: 500ms)
    -> as it came
    * turnEnded(2, .answered)
