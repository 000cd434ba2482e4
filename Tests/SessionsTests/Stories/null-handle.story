# FC 5.5: a null handle is removed; the client asked for handles, so it sees them

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client sends {"setup":{"model":"models/gemini-3.1-flash-live-preview","sessionResumption":{"handle":null}}}
    * ruleApplied(.setupFields, .enforce, detail: .field("sessionResumption.handle"))
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"model":"models/gemini-3.1-flash-live-preview","sessionResumption":{}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s gemini handle h-1
    * handleReceived(resumable: true)
    -> as it came
