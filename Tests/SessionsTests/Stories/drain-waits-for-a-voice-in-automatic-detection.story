# A drain does not end a session in the middle of what the user says

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client audio 700ms
    -> as it came
+100ms drain 30s
+700ms client audio 700ms
    -> as it came
+500ms gemini audio 200ms
    * turnStarted(1, .none)
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
    * closed(.client, .Close(code: 1001, reason: "turnkeeper: going away, connect again (session s-1)"), by: .turnkeeper)
    -> close client 1001 turnkeeper: going away, connect again (session s-1)
    * ended(.stopped)
