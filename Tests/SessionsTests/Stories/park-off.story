# client.park: 0 s ends the session of a client that vanishes at once
policy client.park=0s
handle turnkeeper.s-1.secret

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{}
    -> offer turnkeeper.s-1.secret
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> as it came
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client vanishes
    * closed(.client, .Close(code: 1006, reason: ""), by: .client)
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .client)
    -> close gemini 1000 
    -> retire turnkeeper.s-1.secret
    * ended(.completed)
