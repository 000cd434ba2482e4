# FC 16.9: on Vertex a turn with the role system is the new instruction, on every later connection

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client sends {"setup":{"model":"projects/p/locations/l/publishers/google/models/gemini-live-2.5-flash-native-audio","systemInstruction":{"parts":[{"text":"be long"}]},"realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"projects/p/locations/l/publishers/google/models/gemini-live-2.5-flash-native-audio","systemInstruction":{"parts":[{"text":"be long"}]},"realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "projects/p/locations/l/publishers/google/models/gemini-live-2.5-flash-native-audio", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+10ms gemini handle h-0
    * handleReceived(resumable: true)
+1s client sends {"clientContent":{"turns":[{"role":"system","parts":[{"text":"be brief"}]}],"turnComplete":false}}
    -> as it came
+1s client says hello
    -> as it came
    * turnStarted(1, .text)
+500ms gemini audio 200ms
    * firstAudio(1, after: 500ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+20ms gemini handle h-1
    * handleReceived(resumable: true)
+1s gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"projects/p/locations/l/publishers/google/models/gemini-live-2.5-flash-native-audio","systemInstruction":{"role":"system","parts":[{"text":"be brief"}]},"realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+100ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 150ms)
+1s nothing
