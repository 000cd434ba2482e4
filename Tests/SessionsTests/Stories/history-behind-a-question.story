# I15: history that the client sent behind a question is told behind it

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.8-live
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text Name a river.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini audio 300ms
    * firstAudio(1, after: 500ms)
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+10ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client sends {"clientContent":{"turns":[{"role":"user","parts":[{"text":"I am in Rome."}]}],"turnComplete":false}}
    -> as it came
+10ms client says And a hill?
    -> as it came
    * turnStarted(2, .text)
+10ms client sends {"clientContent":{"turns":[{"role":"user","parts":[{"text":"On the left bank."}]}],"turnComplete":false}}
    -> as it came
+10ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"I am in Rome."}]}],"turnComplete":false}} (text)
    * contextRestored(1)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"And a hill?"}]}],"turnComplete":true}} (text)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"On the left bank."}]}],"turnComplete":false}} (text)
    * contextRestored(1)
    * replayed(messages: 1, audio: 0s, missing: 0s)
+700ms gemini audio 300ms
    * firstAudio(2, after: 960ms)
    * recovered(.closed(.internalError), after: 940ms)
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
