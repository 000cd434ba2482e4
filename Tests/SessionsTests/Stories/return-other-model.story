# a handle belongs to a model: with another one the conversation is rebuilt
handle turnkeeper.s-1.secret

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-2.5-flash-native-audio-preview-12-2025 "sessionResumption":{"handle":"turnkeeper.s-0.other"}
    -> recall handle("turnkeeper.s-0.other", generation: 1)
+5ms recalled remembered h-7 60
    -> offer turnkeeper.s-0.other, parks
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"sessionResumption":{}}} (text)
    * setUp(model: "models/gemini-2.5-flash-native-audio-preview-12-2025", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
    * clientResumed(.rebuilt)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"My name is Ada."}]},{"role":"model","parts":[{"text":"Hello, Ada."}]},{"role":"user","parts":[{"text":"(The line was interrupted. This is the conversation so far. Do not greet again; reply only \"ok\" and wait.)"}]}],"turnComplete":true}} (text)
    * contextRestored(2)
+1s gemini says ok
    * byproductKept(.answer)
+10ms gemini turn-complete
    * byproductKept(.answer)
+1s client closes 1000
    * closed(.client, .Close(code: 1000, reason: ""), by: .client)
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .client)
    -> close gemini 1000 
    -> retire turnkeeper.s-0.other: models/gemini-2.5-flash-native-audio-preview-12-2025, handle , uMy name is Ada. / mHello, Ada. / 
    * ended(.completed)
