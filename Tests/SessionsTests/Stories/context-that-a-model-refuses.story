# FC 16.15: context that was closed with 1007 is told in another form, and not again as it was

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client sends {"setup":{"model":"models/gemini-3.8-live","inputAudioTranscription":{},"outputAudioTranscription":{},"realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","inputAudioTranscription":{},"outputAudioTranscription":{},"realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+10ms gemini handle h-0
    * handleReceived(resumable: true)
+1s client text hello
    -> as it came
    * turnStarted(1, .text)
+500ms gemini says Hello you.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 59))
+10ms gemini audio 200ms
    * firstAudio(1, after: 510ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+2s gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.8-live","inputAudioTranscription":{},"outputAudioTranscription":{},"realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"hello"}]},{"role":"model","parts":[{"text":"Hello you."}]}],"turnComplete":false}} (text)
    * contextRestored(2)
+50ms gemini closes 1007 Request contains an invalid argument.
    * closed(.gemini, .Close(code: 1007, reason: "Request contains an invalid argument."), by: .gemini)
    * troubled(.closed(.invalid), Optional(.Close(code: 1007, reason: "Request contains an invalid argument.")))
    * dialing(3)
    -> dial 3
+40ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"historyConfig":{"initialHistoryInClientContent":true},"sessionResumption":{},"model":"models/gemini-3.8-live","inputAudioTranscription":{},"outputAudioTranscription":{},"realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.invalid), .rebuilt, after: 240ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"hello"}]},{"role":"model","parts":[{"text":"Hello you."}]}],"turnComplete":true}} (text)
    * contextRestored(2)
+2s client text two
    -> as it came
    * turnStarted(2, .text)
+500ms gemini audio 200ms
    * firstAudio(2, after: 500ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
