# Where an utterance was heard out, nobody can tell a phantom from the end of unheard work: the end is shown, and the question keeps its clock

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
  at 2.26s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+1600ms client audio 500ms
    -> as it came
+60ms gemini interrupted
    -> as it came
+10ms gemini hears What is the weather in Paris?
    * transcribed(.client, .ByteRange(lower: 48, upper: 77))
    * turnStarted(1, .audio)
    -> as it came
  at 3.86s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+1500ms gemini turn-complete
    -> as it came
  at 7.86s
    * stalled(.transcribedOnly, turn: 1)
    * nudged(turn: 1, .transcribedOnly)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+6s gemini audio 200ms
    * nudgeEnded(.answered)
    * firstAudio(1, after: 7570ms)
    * recovered(.stalled(.transcribedOnly), after: 2570ms)
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
