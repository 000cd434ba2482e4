# FC 16.9, 16.15: tools on which gemini closed are in no later setup; the instruction before them is

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.8-live "tools":[{"functionDeclarations":[{"name":"f"}]}]
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"tools":[{"functionDeclarations":[{"name":"f"}]}]}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+10ms gemini handle h-0
    * handleReceived(resumable: true)
+1s client sends {"contextUpdate":{"systemInstruction":{"parts":[{"text":"be brief"}]}}}
    -> as it came
+100ms client sends {"contextUpdate":{"tools":{"tools":[{"functionDeclarations":[{"name":"?"}]}]}}}
    -> as it came
+50ms gemini closes 1007 Request contains an invalid argument.
    * closed(.gemini, .Close(code: 1007, reason: "Request contains an invalid argument."), by: .gemini)
    * contextLost(0s)
    * troubled(.closed(.invalid), Optional(.Close(code: 1007, reason: "Request contains an invalid argument.")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"systemInstruction":{"parts":[{"text":"be brief"}]},"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"tools":[{"functionDeclarations":[{"name":"f"}]}]}} (text)
+100ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.invalid), .resumed, after: 150ms)
+1s client text hello
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
+1s gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * dialing(3)
    -> dial 3
+50ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"systemInstruction":{"parts":[{"text":"be brief"}]},"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"tools":[{"functionDeclarations":[{"name":"f"}]}]}} (text)
+100ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.internalError), .resumed, after: 150ms)
    * contextLost(200ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"hello"}]},{"role":"model","parts":[{"text":"(I have answered this.)"}]}],"turnComplete":false}} (text)
    * contextRestored(1)
+1s nothing
