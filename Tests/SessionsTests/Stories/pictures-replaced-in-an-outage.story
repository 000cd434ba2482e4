# FC 16.11: of a screen that is shown while the line is down the newest picture is sent, and the others are counted

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+20ms gemini handle h-0
    * handleReceived(resumable: true)
+1s gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * dialing(2)
    -> dial 2
+1s client sends {"realtimeInput":{"video":{"mimeType":"image/jpeg","data":"AAAA"}}}
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+1s client sends {"realtimeInput":{"video":{"mimeType":"image/jpeg","data":"BBBB"}}}
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+1s client sends {"realtimeInput":{"video":{"mimeType":"image/jpeg","data":"CCCC"}}}
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 3240ms)
    * picturesReplaced(2)
    -> gemini {"realtimeInput":{"video":{"mimeType":"image/jpeg","data":"CCCC"}}} (text)
