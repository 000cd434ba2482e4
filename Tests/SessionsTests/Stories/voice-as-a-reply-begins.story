# What is being said as a reply begins is not what the reply is for: when it interrupts, it is the next question
policy stream_end_on_pause=off

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client audio 500ms
    -> as it came
+500ms client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}}
    -> as it came
+1s client audio 300ms
    -> as it came
+10ms gemini audio 300ms
    * turnStarted(1, .none)
    -> as it came
+170ms gemini interrupted
    -> as it came
    * turnEnded(1, .interrupted)
+30ms gemini turn-complete
    -> as it came
+100ms client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}}
    -> as it came
+800ms client audio 300ms
    -> as it came
+150ms gemini interrupted
    -> as it came
+20ms gemini turn-complete
    -> as it came
+300ms client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}}
    -> as it came
+1500ms gemini audio 200ms
    * turnStarted(2, .none)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+200ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
