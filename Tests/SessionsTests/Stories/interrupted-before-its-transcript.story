# In automatic detection `interrupted` may come before the transcript of what it interrupted: the end between them and the answer is nobody's empty turn

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
+700ms nothing
  at 2.26s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+900ms client audio 300ms
    -> as it came
+60ms gemini interrupted
    -> as it came
+10ms gemini hears What is the weather
    * transcribed(.client, .ByteRange(lower: 48, upper: 67))
    * turnStarted(1, .audio)
    -> as it came
+10ms gemini turn-complete
    -> as it came
+300ms client audio 300ms
    -> as it came
+900ms gemini hears  in Paris?
    * transcribed(.client, .ByteRange(lower: 48, upper: 58))
    -> as it came
  at 4.24s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+500ms gemini audio 200ms
    * firstAudio(1, after: 1400ms)
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
