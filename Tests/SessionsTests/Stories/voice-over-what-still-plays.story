# After the end of an answer a voice is a question, also while the client still plays that answer

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup auto
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client audio 700ms
    -> as it came
+900ms gemini hears Tell me a story.
    * transcribed(.client, .ByteRange(lower: 48, upper: 64))
    * turnStarted(1, .audio)
    -> as it came
  at 2.26s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+300ms gemini audio 8s
    * firstAudio(1, after: 1200ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+2s client audio 500ms
    -> as it came
+500ms client audio 500ms
    -> as it came
  at 6.03s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
  at 9.83s
    * turnStarted(2, .audio)
    * stalled(.noOutput, turn: 2)
    * nudged(turn: 2, .noOutput)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+7s gemini audio 200ms
    * nudgeEnded(.answered)
    * firstAudio(2, after: 7s)
    * recovered(.stalled(.noOutput), after: 2200ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
