# Where nothing interrupts the model, what is said during its answer is the next question, and survives a lost line

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup auto gemini-3.1-flash-live-preview "realtimeInputConfig":{"activityHandling":"NO_INTERRUPTION"}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"activityHandling":"NO_INTERRUPTION"}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+100ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client audio 700ms
    -> as it came
+100ms client stream-end
    -> as it came
+900ms gemini hears Tell me a story.
    * transcribed(.client, .ByteRange(lower: 48, upper: 64))
    * turnStarted(1, .audio)
    -> as it came
+300ms gemini audio 4s
    * firstAudio(1, after: 1300ms)
    -> as it came
+500ms client audio 2s
    -> as it came
  at 4.16s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+2s client audio 1s
    -> as it came
  at 6.16s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+1500ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+100ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"historyConfig":{"initialHistoryInClientContent":true},"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"activityHandling":"NO_INTERRUPTION"}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 240ms)
    * contextLost(4s)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"Tell me a story."}]},{"role":"model","parts":[{"text":"(I have answered this.)"}]}],"turnComplete":true}} (text)
    * contextRestored(1)
    -> gemini audio 2000ms (text)
    -> gemini audio 1000ms (text)
    * replayed(messages: 2, audio: 3s, missing: 0s)
  at 8.05s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
  at 11.85s
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
+5s nothing
