# I6: gemini goes away, then refuses: the client is told of the refusal, not that it went away

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
+1s gemini closes 1001
    * closed(.gemini, .Close(code: 1001, reason: ""), by: .gemini)
    * troubled(.closed(.normal), Optional(.Close(code: 1001, reason: "")))
    * dialing(2)
    -> dial 2
+40ms gemini refuses 401
    * dialFailed(2, .refused(status: 401, contentType: "text/plain", body: [110, 111], retryAfter: ""))
    * reconnectFailed(.closed(.normal))
    * gaveUp(.closed(.normal), "gemini refuses a new connection with 401")
    * closed(.client, .Close(code: 1008, reason: "turnkeeper: gemini refuses a new connection with 401 (session s-1)"), by: .turnkeeper)
    -> close client 1008 turnkeeper: gemini refuses a new connection with 401 (session s-1)
    * ended(.unanswered)
