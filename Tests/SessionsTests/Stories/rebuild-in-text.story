# FC 5.2: an answer in text is told to a fresh session in its own words, without what the model thought

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
+1s client text Who was she?
    -> as it came
    * turnStarted(1, .text)
+800ms gemini sends {"serverContent":{"modelTurn":{"parts":[{"text":"Think of poets.","thought":true}]}}}
    -> as it came
+100ms gemini sends {"serverContent":{"modelTurn":{"parts":[{"text":"Ada "},{"executableCode":{"language":"PYTHON","code":"1"}},{"text":"\"Byron\""}]}}}
    * firstText(1, after: 900ms)
    -> as it came
    * wrote
+100ms gemini sends {"serverContent":{"modelTurn":{"parts":[{"text":" Lovelace."}]}}}
    -> as it came
    * wrote
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+1s gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"historyConfig":{"initialHistoryInClientContent":true},"sessionResumption":{},"model":"models/gemini-2.0-flash-live-001","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"generationConfig":{"responseModalities":["TEXT"]}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 240ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"Who was she?"}]},{"role":"model","parts":[{"text":"Ada \"Byron\" Lovelace."}]}],"turnComplete":true}} (text)
    * contextRestored(2)
+1s client text And he?
    -> as it came
    * turnStarted(2, .text)
+500ms gemini sends {"serverContent":{"modelTurn":{"parts":[{"text":"Her father."}]}}}
    * firstText(2, after: 500ms)
    -> as it came
    * wrote
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
