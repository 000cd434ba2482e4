# FC 3.6: the same with yet another setup: what is owed goes on to the next session, with what was said since
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
+5ms recalled remembered h-7 1 asking
    -> offer turnkeeper.s-0.other, parks
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"sessionResumption":{"handle":"h-7"}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+5ms client text And more.
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+100ms client vanishes
    * closed(.client, .Close(code: 1006, reason: ""), by: .client)
    * parked(15s)
+100ms superseded
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .client)
    -> close gemini 1000 
    -> retire turnkeeper.s-0.other: models/gemini-3.1-flash-live-preview, handle h-7, uMy name is Ada. / mHello, Ada. / ; unanswered: activityStart, audio 700ms, activityEnd, {"realtimeInput":{"text":"And more."}}
    * ended(.completed)
