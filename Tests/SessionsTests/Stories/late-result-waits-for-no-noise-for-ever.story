# A sound too short for a question holds up a result only until the model would have answered it

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic gemini-3.8-live "tools":[{"functionDeclarations":[{"name":"f","behavior":"NON_BLOCKING"}]}]
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","tools":[{"functionDeclarations":[{"name":"f","behavior":"NON_BLOCKING"}]}]}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+100ms gemini handle h-0
    * handleReceived(resumable: true)
+1s client text Run it.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
+20ms gemini says Running.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 57))
+20ms gemini audio 200ms
    * firstAudio(1, after: 540ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+20ms gemini handle h-1
    * handleReceived(resumable: true)
+500ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.8-live","tools":[{"functionDeclarations":[{"name":"f","behavior":"NON_BLOCKING"}]}]}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
+1s client audio 100ms
    -> as it came
+50ms client sends {"toolResponse":{"functionResponses":[{"id":"a-1","name":"f","response":{"ok":true}}]}}
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
  at 4.73s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audio 100ms (text)
  at 4.83s
    -> gemini audio 100ms (text)
  at 4.93s
    -> gemini audio 100ms (text)
  at 5.03s
    -> gemini audio 100ms (text)
  at 5.13s
    -> gemini audio 100ms (text)
  at 5.23s
    -> gemini audio 100ms (text)
  at 5.33s
    -> gemini audio 100ms (text)
  at 5.43s
    -> gemini audio 100ms (text)
  at 5.53s
    -> gemini audio 100ms (text)
  at 5.63s
    -> gemini audio 100ms (text)
  at 5.73s
    -> gemini audio 100ms (text)
  at 5.83s
    -> gemini audio 100ms (text)
  at 5.93s
    -> gemini audio 100ms (text)
  at 6.03s
    -> gemini audio 100ms (text)
  at 6.13s
    -> gemini audio 100ms (text)
  at 6.23s
    -> gemini audio 100ms (text)
  at 6.33s
    -> gemini audio 100ms (text)
  at 6.43s
    -> gemini audio 100ms (text)
  at 6.53s
    -> gemini audio 100ms (text)
  at 6.63s
    -> gemini audio 100ms (text)
  at 8.53s
    -> gemini {"realtimeInput":{"text":"Result of f: {\"ok\":true}"}} (text)
    * turnStarted(2, .tool)
  at 12.53s
    * stalled(.toolResultIgnored, turn: 2)
    * nudged(turn: 2, .toolResultIgnored)
    -> gemini {"realtimeInput":{"text":" "}} (text)
  at 16.53s
    * stalled(.toolResultIgnored, turn: 2)
    * nudgeEnded(.ignored)
    * troubled(.stalled(.toolResultIgnored), nil)
    * dialing(3)
    -> dial 3
  at 20.05s
    -> ping client
  at 22.53s
    -> ping gemini
+20s gemini says It is done.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 60))
+10ms gemini audio 200ms
    * firstAudio(2, after: 15260ms)
    * recovered(.stalled(.toolResultIgnored), after: 11260ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
