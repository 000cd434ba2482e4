# FC 5.12: a client comes back after a clean close, with our handle: gemini's is put in its place
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
+5ms client start
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+5ms client audio 700ms
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+5ms recalled remembered h-7 600
    -> offer turnkeeper.s-0.other, parks
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"sessionResumption":{"handle":"h-7"}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
    * clientResumed(.resumed)
    -> gemini activityStart (text)
    * activityStarted(by: .client)
    -> gemini audio 700ms (text)
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+1s gemini handle h-8
    * handleReceived(resumable: true)
    -> client {"sessionResumptionUpdate":{"newHandle":"turnkeeper.s-0.other","resumable":true}} (binary)
    * ruleApplied(.handleReplaced, .enforce, detail: .none)
    -> keep turnkeeper.s-0.other: handle h-8
+1s client closes 1000
    * closed(.client, .Close(code: 1000, reason: ""), by: .client)
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .client)
    -> close gemini 1000 
    * turnEnded(1, .interrupted)
    -> retire turnkeeper.s-0.other: models/gemini-3.1-flash-live-preview, handle h-8, uMy name is Ada. / mHello, Ada. / 
    * ended(.completed)
