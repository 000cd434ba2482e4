# How long a model takes that answers in text shows in its first word

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-2.0-flash-live-001 "generationConfig":{"responseModalities":["TEXT"]}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .field("inputAudioTranscription"))
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.0-flash-live-001","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"generationConfig":{"responseModalities":["TEXT"]}}} (text)
    * setUp(model: "models/gemini-2.0-flash-live-001", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text hello
    -> as it came
    * turnStarted(1, .text)
+800ms gemini sends {"serverContent":{"modelTurn":{"parts":[{"text":"Hello"}]}}}
    * firstText(1, after: 800ms)
    -> as it came
    * wrote
+100ms gemini sends {"serverContent":{"modelTurn":{"parts":[{"text":", Ada."}]}}}
    -> as it came
    * wrote
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
