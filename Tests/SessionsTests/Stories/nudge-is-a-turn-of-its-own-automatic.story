# The same in automatic detection
learns

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
    learned: nudge after 4000 ms, move after 18000 ms
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client audio 700ms
    -> as it came
+700ms client noise 600ms
    -> as it came
+600ms gemini hears What is the time?
    * transcribed(.client, .ByteRange(lower: 48, upper: 65))
    * turnStarted(1, .audio)
    -> as it came
  at 2.96s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
  at 6.96s
    * stalled(.transcribedOnly, turn: 1)
    * nudged(turn: 1, .transcribedOnly)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+4500ms gemini audio 200ms
    * nudgeEnded(.answered)
    * firstAudio(1, after: 5100ms)
    * recovered(.stalled(.transcribedOnly), after: 100ms)
    -> as it came
    learned: nudge after 7100 ms, move after 21100 ms
+50ms gemini generation-complete
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+7640ms gemini audio 200ms
    * nudgeEnded(.duplicate)
    * byproductKept(.answer)
    learned: nudge after 14000 ms, move after 24000 ms
+50ms gemini generation-complete
    * byproductKept(.answer)
+100ms gemini turn-complete
    * byproductKept(.answer)
+1s client audio 700ms
    -> as it came
+700ms client noise 600ms
    -> as it came
+600ms gemini hears And now?
    * transcribed(.client, .ByteRange(lower: 48, upper: 56))
    * turnStarted(2, .audio)
    -> as it came
  at 17.61s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
  at 20.05s
    -> ping gemini
    -> ping client
+11s gemini audio 200ms
    * firstAudio(2, after: 11600ms)
    -> as it came
+50ms gemini generation-complete
    -> as it came
+100ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
