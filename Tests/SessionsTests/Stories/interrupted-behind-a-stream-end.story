# The end of the stream ends an utterance at once: a voice soon after it interrupts the work on it, and the end that follows is nobody's empty turn

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
+10ms client stream-end
    -> as it came
+250ms client audio 400ms
    -> as it came
+10ms client stream-end
    -> as it came
+60ms gemini interrupted
    -> as it came
+10ms gemini turn-complete
    -> as it came
+80ms gemini hears What is the weather
    * transcribed(.client, .ByteRange(lower: 48, upper: 67))
    * turnStarted(1, .audio)
    -> as it came
+400ms gemini hears  in Paris?
    * transcribed(.client, .ByteRange(lower: 48, upper: 58))
    -> as it came
+900ms gemini audio 200ms
    * firstAudio(1, after: 1460ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+10s nothing
