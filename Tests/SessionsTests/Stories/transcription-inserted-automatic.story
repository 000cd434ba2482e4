# Words that are kept here still say that the user has asked
policy transcription_inserted=enforce

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .enforce, detail: .none)
    -> gemini {"setup":{"outputAudioTranscription":{},"inputAudioTranscription":{},"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"/38AgP9/AID/fwCA/38AgP9/AID/fwCA/38AgP9/AID/fwCA/38AgP9/AIA="}}}
    -> as it came
+300ms gemini hears what time is it
    * transcribed(.client, .ByteRange(lower: 48, upper: 63))
    * turnStarted(1, .audio)
  at 2.26s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
  at 6.26s
    * stalled(.transcribedOnly, turn: 1)
    * nudged(turn: 1, .transcribedOnly)
    -> gemini {"realtimeInput":{"text":" "}} (text)
  at 10.26s
    * stalled(.transcribedOnly, turn: 1)
    * nudgeEnded(.ignored)
    * troubled(.stalled(.transcribedOnly), nil)
    * dialing(2)
    -> dial 2
  at 20.05s
    -> ping gemini
    -> ping client
+20s nothing
