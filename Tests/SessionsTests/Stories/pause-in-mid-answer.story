# A model that pauses for nine seconds in mid-answer: the second connection has more time, and from then on its pauses are known
learns

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
    learned: nudge after 4000 ms, move after 18000 ms
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
  at 10.68s
    * stalled(.outputFroze, turn: 1)
    * troubled(.stalled(.outputFroze), nil)
    * dialing(2)
    -> dial 2
+8100ms nothing
+50ms gemini opens
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
+20ms gemini closes 1000
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+150ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .stalled(.outputFroze), .rebuilt, after: 320ms)
    * replyCut(.restart)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 700ms, missing: 0s)
+700ms gemini audio 200ms
    * recovered(.stalled(.outputFroze), after: 1020ms)
    -> as it came
  at 20.05s
    -> ping client
+9500ms gemini audio 200ms
    * outputPaused(1, for: 9500ms)
    -> as it came
    learned: nudge after 4000 ms, move after 18000 ms, leave a pause after 11500 ms
+20ms gemini generation-complete
    -> as it came
+200ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(2, .audio)
+700ms gemini audio 200ms
    * firstAudio(2, after: 700ms)
    -> as it came
  at 30.85s
    -> ping gemini
+9500ms gemini audio 200ms
    * outputPaused(2, for: 9500ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+200ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(3, .audio)
+700ms gemini audio 200ms
    * firstAudio(3, after: 700ms)
    -> as it came
  at 40.05s
    -> ping client
  at 47.48s
    * stalled(.outputFroze, turn: 3)
    * troubled(.stalled(.outputFroze), nil)
    * dialing(3)
    -> dial 3
  at 50.85s
    -> ping gemini
+15s nothing
