# I17: a model that may be silent lets pass what interrupted it, and the words come later: nothing is missing
policy stream_end_on_pause=off

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup auto gemini-3.8-live "inputAudioTranscription":{}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .field("outputAudioTranscription"))
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","inputAudioTranscription":{}}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text hello
    -> as it came
    * turnStarted(1, .text)
+700ms gemini audio 900ms
    * firstAudio(1, after: 700ms)
    -> as it came
+300ms client audio 200ms
    -> as it came
+100ms gemini sends {"serverContent":{"interrupted":true,"turnComplete":true}}
    -> as it came
    * turnEnded(1, .interrupted)
+200ms client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}}
    -> as it came
+1500ms gemini turn-complete
    -> as it came
    * turnStarted(2, .audio)
    * turnEnded(2, .silent)
+20ms gemini hears Never mind
    * transcribed(.client, .ByteRange(lower: 48, upper: 58))
    -> as it came
+15s nothing
