# The client comes back with another setup after the answer it missed: that goes with the memory
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
+1s client text My name is Ada.
    -> as it came
    * turnStarted(1, .text)
+300ms client vanishes
    * closed(.client, .Close(code: 1006, reason: ""), by: .client)
    * parked(15s)
+500ms gemini says Hello Ada.
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 59))
+10ms gemini audio 200ms
    * firstAudio(1, after: 810ms)
+20ms gemini generation-complete
+50ms gemini turn-complete
    * turnEnded(1, .answered)
+20ms gemini handle h-1
    * handleReceived(resumable: true)
    * ruleApplied(.handleReplaced, .enforce, detail: .none)
    -> keep turnkeeper.s-1.secret: handle h-1
+300ms superseded
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .client)
    -> close gemini 1000 
    -> retire turnkeeper.s-1.secret: models/gemini-3.1-flash-live-preview, handle h-1, uMy name is Ada. / mHello Ada. / ; missed: 5
    * ended(.completed)
