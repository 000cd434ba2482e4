# FC 16.14: an answer in text that breaks off goes on after its last letter, not after its last sentence: the client keeps what it has read

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview "generationConfig":{"responseModalities":["TEXT"]}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .field("inputAudioTranscription"))
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"generationConfig":{"responseModalities":["TEXT"]}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+20ms gemini handle h-0
    * handleReceived(resumable: true)
+1s client text Who was she?
    -> as it came
    * turnStarted(1, .text)
+500ms gemini sends {"serverContent":{"modelTurn":{"parts":[{"text":"A poet's daughter. She wrote"}]}}}
    * firstText(1, after: 500ms)
    -> as it came
    * wrote
+100ms gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"generationConfig":{"responseModalities":["TEXT"]}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
    * replyCut(.continue)
    -> gemini {"realtimeInput":{"text":"Who was she?\n\nGo on exactly after the words \"A poet's daughter. She wrote\"; repeat nothing."}} (text)
+500ms gemini sends {"serverContent":{"modelTurn":{"parts":[{"text":" programs."}]}}}
    * recovered(.closed(.internalError), after: 740ms)
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
    * dialing(3)
    -> dial 3
+40ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"historyConfig":{"initialHistoryInClientContent":true},"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"generationConfig":{"responseModalities":["TEXT"]}}} (text)
+200ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.internalError), .rebuilt, after: 240ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"Who was she?"}]},{"role":"model","parts":[{"text":"A poet's daughter. She wrote"}]},{"role":"model","parts":[{"text":" programs."}]}],"turnComplete":true}} (text)
    * contextRestored(3)
