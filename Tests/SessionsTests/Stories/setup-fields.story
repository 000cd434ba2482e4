# FC 0.5, 5.5: fields that 3.1 dies of are removed, resumption is added

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client sends {"setup":{"model":"models/gemini-3.1-flash-live-preview","generationConfig":{"enableAffectiveDialog":true,"temperature":0.5},"proactivity":{"proactiveAudio":true},"tools":[]}}
    * ruleApplied(.setupFields, .enforce, detail: .field("generationConfig.enableAffectiveDialog"))
    * ruleApplied(.setupFields, .enforce, detail: .field("proactivity"))
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","generationConfig":{"temperature":0.5},"tools":[]}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s gemini handle h-1
    * handleReceived(resumable: true)
