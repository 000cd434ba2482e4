# In automatic detection too: who was never heard out was not worked on, so the end that follows the phantom is that of the question

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic gemini-3.1-flash-live-preview "inputAudioTranscription":{},"outputAudioTranscription":{}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client audio 700ms
    -> as it came
+50ms gemini interrupted
    -> as it came
+650ms client audio 300ms
    -> as it came
  at 2.96s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+1500ms gemini hears What is the weather?
    * transcribed(.client, .ByteRange(lower: 48, upper: 68))
    * turnStarted(1, .audio)
    -> as it came
+20ms gemini turn-complete
    * ruleApplied(.emptyTurn, .enforce, detail: .none)
    * stalled(.emptyTurn, turn: 1)
    * nudged(turn: 1, .emptyTurn)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+600ms gemini audio 200ms
    * byproductKept(.emptyTurn)
    * nudgeEnded(.answered)
    * firstAudio(1, after: 2120ms)
    * recovered(.stalled(.emptyTurn), after: 600ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
  at 20.05s
    -> ping gemini
    -> ping client
+20s nothing
