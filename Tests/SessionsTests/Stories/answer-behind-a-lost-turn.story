# Behind a turn that was lost, a question that is transcribed gets its answer: nothing late is expected any more

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
+200ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client audio 700ms
    -> as it came
+500ms gemini hears What is the weather?
    * transcribed(.client, .ByteRange(lower: 48, upper: 68))
    * turnStarted(1, .audio)
    -> as it came
  at 2.46s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
  at 6.46s
    * stalled(.transcribedOnly, turn: 1)
    * nudged(turn: 1, .transcribedOnly)
    -> gemini {"realtimeInput":{"text":" "}} (text)
  at 10.46s
    * stalled(.transcribedOnly, turn: 1)
    * nudgeEnded(.ignored)
    * troubled(.stalled(.transcribedOnly), nil)
    * dialing(2)
    -> dial 2
+9s gemini opens
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
+50ms gemini closes 1000 
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.1-flash-live-preview","inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .stalled(.transcribedOnly), .resumed, after: 4750ms)
    -> gemini audio 700ms (text)
    * replayed(messages: 1, audio: 700ms, missing: 0s)
  at 12.21s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
  at 20.05s
    -> ping client
  at 28.21s
    * stalled(.transcribedOnly, turn: 1)
    * troubled(.stalled(.transcribedOnly), nil)
    * dialing(3)
    -> dial 3
+18s gemini opens
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
+50ms gemini closes 1000 
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
+200ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .stalled(.transcribedOnly), .rebuilt, after: 1250ms)
    -> gemini audio 700ms (text)
    * replayed(messages: 1, audio: 700ms, missing: 0s)
  at 30.46s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
  at 40.05s
    -> ping client
  at 49.26s
    -> ping gemini
  at 54.46s
    * stalled(.transcribedOnly, turn: 1)
    * gaveUp(.stalled(.transcribedOnly), "no answer: transcribed_only on 3 connections")
    -> client {"serverContent":{"turnComplete":true}} (binary)
    * madeUp(.turnComplete)
    * turnEnded(1, .lost)
+28s client audio 700ms
    -> as it came
+300ms gemini hears And tomorrow?
    * transcribed(.client, .ByteRange(lower: 48, upper: 61))
    * turnStarted(2, .audio)
    -> as it came
+10ms gemini audio 200ms
    * firstAudio(2, after: 310ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+300ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
  at 58.46s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
  at 60.05s
    -> ping client
  at 69.26s
    -> ping gemini
+20s nothing
