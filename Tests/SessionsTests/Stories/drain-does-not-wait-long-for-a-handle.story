# A drain waits a second for gemini's handle, and no longer; what is said meanwhile is answered first
handle turnkeeper.s-1.secret

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{}
    -> offer turnkeeper.s-1.secret, parks
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> as it came
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+10ms gemini handle h-1
    * handleReceived(resumable: true)
    -> client {"sessionResumptionUpdate":{"newHandle":"turnkeeper.s-1.secret","resumable":true}} (binary)
    * ruleApplied(.handleReplaced, .enforce, detail: .none)
    -> keep turnkeeper.s-1.secret: handle h-1
+100ms client text Where do I live?
    -> as it came
    * turnStarted(1, .text)
+100ms drain 30s
+500ms gemini audio 500ms
    * firstAudio(1, after: 600ms)
    -> as it came
+500ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+900ms client text And who am I?
    -> as it came
    * turnStarted(2, .text)
+500ms gemini audio 500ms
    * firstAudio(2, after: 500ms)
    -> as it came
+500ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
  at 4.37s
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
    * closed(.client, .Close(code: 1001, reason: "turnkeeper: going away, connect again (session s-1)"), by: .turnkeeper)
    -> close client 1001 turnkeeper: going away, connect again (session s-1)
    -> retire turnkeeper.s-1.secret: models/gemini-3.1-flash-live-preview, handle h-1, +uWhere do I live? / +m(I have answered this.) / +uAnd who am I? / +m(I have answered this.) / 
    * ended(.stopped)
+2s gemini sends {"usageMetadata":{"totalTokenCount":1}}
