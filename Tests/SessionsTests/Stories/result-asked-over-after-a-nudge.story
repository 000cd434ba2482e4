# I15: after a nudge the user asks something else; what came of the call is still told later

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.8-live "outputAudioTranscription":{}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .field("inputAudioTranscription"))
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"outputAudioTranscription":{}}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text Run it.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+100ms client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
    * turnStarted(2, .tool)
+100ms client text Never mind.
    -> as it came
    * turnEnded(2, .interrupted)
    * turnStarted(3, .text)
  at 5.98s
    * stalled(.noOutput, turn: 3)
    * nudged(turn: 3, .noOutput)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+7s nothing
+100ms client text Are you there?
    -> as it came
    * turnEnded(3, .interrupted)
    * turnStarted(4, .text)
+500ms gemini audio 300ms
    * firstAudio(4, after: 500ms)
    -> as it came
+20ms gemini says I am.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 54))
+20ms gemini generation-complete
    -> as it came
+30ms gemini turn-complete
    -> as it came
    * turnEnded(4, .answered)
+1s gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"historyConfig":{"initialHistoryInClientContent":true},"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"outputAudioTranscription":{}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 240ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"Run it."}]},{"role":"user","parts":[{"text":"(Result of f: {\"ok\":true})"}]},{"role":"model","parts":[{"text":"(I have answered this.)"}]},{"role":"user","parts":[{"text":"Never mind. Are you there?"}]},{"role":"model","parts":[{"text":"I am."}]}],"turnComplete":true}} (text)
    * contextRestored(4)
