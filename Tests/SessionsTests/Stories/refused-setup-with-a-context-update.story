# FC 16.9, 16.15: a line is lost before gemini has judged new tools, and it refuses every setup with them: then it gets one without

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
+10ms gemini handle h-0
    * handleReceived(resumable: true)
+1s client sends {"contextUpdate":{"tools":{"tools":[{"functionDeclarations":[{"name":"?"}]}]}}}
    -> as it came
+10ms gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"tools":[{"functionDeclarations":[{"name":"?"}]}],"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+50ms gemini closes 1007 Request contains an invalid argument.
    * closed(.gemini, .Close(code: 1007, reason: "Request contains an invalid argument."), by: .gemini)
    * troubled(.closed(.invalid), Optional(.Close(code: 1007, reason: "Request contains an invalid argument.")))
    * retrying(attempt: 2, after: 128ms)
  at 1.508s
    * dialing(3)
    -> dial 3
+200ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"tools":[{"functionDeclarations":[{"name":"?"}]}],"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+50ms gemini closes 1007 Request contains an invalid argument.
    * closed(.gemini, .Close(code: 1007, reason: "Request contains an invalid argument."), by: .gemini)
    * contextLost(0s)
    * troubled(.closed(.invalid), Optional(.Close(code: 1007, reason: "Request contains an invalid argument.")))
    * retrying(attempt: 3, after: 387ms)
  at 2.017s
    * dialing(4)
    -> dial 4
+500ms gemini opens
    -> use 4
    * connected(4)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+100ms gemini setup-complete
    * setupCompleted(4)
    * byproductKept(.setupComplete)
    * reconnected(4, .closed(.invalid), .rebuilt, after: 950ms)
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
