# a handle gemini gave before the proxy was there is gemini's to judge
handle turnkeeper.s-1.secret

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{"handle":"CihpZ2..."}
    -> offer turnkeeper.s-1.secret, parks
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> as it came
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s gemini handle h-1
    * handleReceived(resumable: true)
    -> client {"sessionResumptionUpdate":{"newHandle":"turnkeeper.s-1.secret","resumable":true}} (binary)
    * ruleApplied(.handleReplaced, .enforce, detail: .none)
    -> keep turnkeeper.s-1.secret: handle h-1
