# What the user said as an answer ended is not what it was for: a voice after a pause interrupts the work on it, and the end that follows is nobody's empty turn

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
+1s client text Hello!
    -> as it came
    * turnStarted(1, .text)
+900ms client audio 400ms
    -> as it came
+550ms gemini audio 200ms
    * firstAudio(1, after: 550ms)
    -> as it came
+10ms gemini generation-complete
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+350ms client audio 400ms
    -> as it came
+100ms gemini interrupted
    -> as it came
+150ms gemini turn-complete
    -> as it came
+80ms gemini hears What is the weather in Paris?
    * transcribed(.client, .ByteRange(lower: 48, upper: 77))
    * turnStarted(2, .audio)
    -> as it came
  at 4.08s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+900ms gemini audio 200ms
    * firstAudio(2, after: 1230ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+10s nothing
