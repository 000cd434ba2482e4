# several nodes: at each turn's end another node could go on, with the handle that misses least and the words it does not know
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
+1s client text My name is Ada.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini audio 500ms
    * firstAudio(1, after: 500ms)
    -> as it came
+0s gemini says Hello, Ada.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 60))
+500ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+50ms gemini handle h-1
    * handleReceived(resumable: true)
    -> client {"sessionResumptionUpdate":{"newHandle":"turnkeeper.s-1.secret","resumable":true}} (binary)
    * ruleApplied(.handleReplaced, .enforce, detail: .none)
    -> keep turnkeeper.s-1.secret: handle h-1, uMy name is Ada. / mHello, Ada. / 
+1s client text I live in Rome.
    -> as it came
    * turnStarted(2, .text)
+100ms gemini handle h-2
    * handleReceived(resumable: true)
    -> client {"sessionResumptionUpdate":{"newHandle":"turnkeeper.s-1.secret","resumable":true}} (binary)
    * ruleApplied(.handleReplaced, .enforce, detail: .none)
    -> keep turnkeeper.s-1.secret: handle h-1, uMy name is Ada. / mHello, Ada. / 
+500ms gemini audio 500ms
    * firstAudio(2, after: 600ms)
    -> as it came
+0s gemini says Noted.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 55))
+500ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
    -> keep turnkeeper.s-1.secret: handle h-1, uMy name is Ada. / mHello, Ada. / +uI live in Rome. / +mNoted. / 
+1s client text And you?
    -> as it came
    * turnStarted(3, .text)
+1s moved away
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
    * closed(.client, .Close(code: 1000, reason: "turnkeeper: the conversation goes on at another node (session s-1)"), by: .turnkeeper)
    -> close client 1000 turnkeeper: the conversation goes on at another node (session s-1)
    * turnEnded(3, .interrupted)
    -> retire turnkeeper.s-1.secret: models/gemini-3.1-flash-live-preview, handle h-1, uMy name is Ada. / mHello, Ada. / +uI live in Rome. / +mNoted. / 
    * ended(.completed)
