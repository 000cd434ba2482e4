# A drain waits a moment for gemini's handle of the turn that has just ended: without it the turn would be forgotten
handle turnkeeper.s-1.secret
shared

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
    -> keep turnkeeper.s-1.secret: handle h-1, +uWhere do I live? / +m(I have answered this.) / 
+100ms gemini handle h-2
    * handleReceived(resumable: true)
    -> client {"sessionResumptionUpdate":{"newHandle":"turnkeeper.s-1.secret","resumable":true}} (binary)
    * ruleApplied(.handleReplaced, .enforce, detail: .none)
    -> keep turnkeeper.s-1.secret: handle h-2, uWhere do I live? / m(I have answered this.) / 
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
    * closed(.client, .Close(code: 1001, reason: "turnkeeper: going away, connect again (session s-1)"), by: .turnkeeper)
    -> close client 1001 turnkeeper: going away, connect again (session s-1)
    -> retire turnkeeper.s-1.secret: models/gemini-3.1-flash-live-preview, handle h-2, uWhere do I live? / m(I have answered this.) / 
    * ended(.stopped)
