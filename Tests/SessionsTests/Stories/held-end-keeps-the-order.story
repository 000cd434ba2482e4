# I4, FC 1.5: what is said behind an end that is held waits behind it, and does not hasten it
policy short_activity=enforce

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-2.5-flash-native-audio-preview-12-2025
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-2.5-flash-native-audio-preview-12-2025", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 100ms
    -> as it came
+100ms client end
    * ruleApplied(.shortActivity, .enforce, detail: .audio(100ms))
+10ms client says first
    * ruleApplied(.shortActivity, .enforce, detail: .messages(1))
+10ms client audio 20ms
    * ruleApplied(.shortActivity, .enforce, detail: .messages(1))
+10ms client start
    * ruleApplied(.shortActivity, .enforce, detail: .messages(1))
+10ms client audio 100ms
    * ruleApplied(.shortActivity, .enforce, detail: .messages(1))
+10ms client sends {"contextUpdate":{}}
    * ruleApplied(.shortActivity, .enforce, detail: .messages(1))
+10ms client end
    * ruleApplied(.shortActivity, .enforce, detail: .messages(1))
+10ms client text second
    * ruleApplied(.shortActivity, .enforce, detail: .messages(1))
+10ms client sends {"clientContent":{"turnComplete":false}}
    -> as it came
  at 1.86s
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 100ms)
    * turnStarted(1, .audio)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"first"}]}],"turnComplete":true}} (text)
    * typed("first")
    * turnEnded(1, .interrupted)
    * turnStarted(2, .text)
    * ruleApplied(.audioOutsideActivity, .enforce, detail: .audio(20ms))
    -> gemini activityStart (text)
    * activityStarted(by: .client)
    -> gemini audio 100ms (text)
    -> gemini {"contextUpdate":{}} (text)
    * ruleApplied(.shortActivity, .enforce, detail: .audio(100ms))
    * ruleApplied(.shortActivity, .enforce, detail: .messages(1))
  at 2.46s
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 100ms)
    * turnEnded(2, .interrupted)
    * turnStarted(3, .audio)
    -> gemini {"realtimeInput":{"text":"second"}} (text)
    * typed("second")
    * turnEnded(3, .interrupted)
    * turnStarted(4, .text)
+1s nothing
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 100ms
    -> as it came
+100ms client end
    * ruleApplied(.shortActivity, .enforce, detail: .audio(100ms))
+10ms client says last
    * ruleApplied(.shortActivity, .enforce, detail: .messages(1))
+10ms client closes 1000
    * closed(.client, .Close(code: 1000, reason: ""), by: .client)
    -> gemini activityEnd (text)
    * activityEnded(by: .client, audio: 100ms)
    * turnEnded(4, .interrupted)
    * turnStarted(5, .audio)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"last"}]}],"turnComplete":true}} (text)
    * typed("last")
    * turnEnded(5, .interrupted)
    * turnStarted(6, .text)
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .client)
    -> close gemini 1000 
    * turnEnded(6, .interrupted)
    * ended(.completed)
