# several nodes: gemini's handle is older than the last turn that was kept, so gemini is told that turn
handle turnkeeper.s-1.secret
shared

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{"handle":"turnkeeper.s-0.other"}
    -> recall handle("turnkeeper.s-0.other", generation: 1)
+5ms recalled remembered h-7 1 lately
    -> offer turnkeeper.s-0.other, parks
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"historyConfig":{"initialHistoryInClientContent":true},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"sessionResumption":{}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
    * clientResumed(.rebuilt)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"My name is Ada."}]},{"role":"model","parts":[{"text":"Hello, Ada."}]},{"role":"user","parts":[{"text":"I live in Rome."}]},{"role":"model","parts":[{"text":"Noted."}]}],"turnComplete":true}} (text)
    * contextRestored(4)
+1s client text Where do I live?
    -> as it came
    * turnStarted(1, .text)
+500ms gemini audio 500ms
    * firstAudio(1, after: 500ms)
    -> as it came
+0s gemini says In Rome.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 57))
+500ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
    -> keep turnkeeper.s-0.other: handle , uMy name is Ada. / mHello, Ada. / uI live in Rome. / mNoted. / uWhere do I live? / mIn Rome. / 
+50ms gemini handle h-8
    * handleReceived(resumable: true)
    -> client {"sessionResumptionUpdate":{"newHandle":"turnkeeper.s-0.other","resumable":true}} (binary)
    * ruleApplied(.handleReplaced, .enforce, detail: .none)
    -> keep turnkeeper.s-0.other: handle h-8, uMy name is Ada. / mHello, Ada. / uI live in Rome. / mNoted. / uWhere do I live? / mIn Rome. / 
