# FC 3.6: a client that came back vanishes again before its setup is complete: the session waits for it, with what it is owed
handle turnkeeper.s-1.secret

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{"handle":"turnkeeper.s-0.other"}
    -> recall handle("turnkeeper.s-0.other", generation: 1)
+5ms recalled remembered h-7 1 missed
    -> offer turnkeeper.s-0.other, parks
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"sessionResumption":{"handle":"h-7"}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+100ms client vanishes
    * closed(.client, .Close(code: 1006, reason: ""), by: .client)
    * parked(15s)
+100ms gemini setup-complete
    * setupCompleted(1)
    * byproductKept(.setupComplete)
    * clientResumed(.resumed)
+1s client returns manual gemini-3.1-flash-live-preview "sessionResumption":{"handle":"turnkeeper.s-0.other"}
    * unparked(after: 1100ms, messages: 1, missing: 0s)
    -> client {"setupComplete":{}} (binary)
    -> client {"serverContent":{"turnComplete":true}} (binary)
+1s client text And more.
    -> as it came
    * turnStarted(1, .text)
