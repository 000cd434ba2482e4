# The client comes back with other tools after a turn that is newer than gemini's handle: its words are marked
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
+500ms gemini says Hello Ada.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 59))
+10ms gemini audio 200ms
    * firstAudio(1, after: 510ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+20ms gemini handle h-1
    * handleReceived(resumable: true)
    -> client {"sessionResumptionUpdate":{"newHandle":"turnkeeper.s-1.secret","resumable":true}} (binary)
    * ruleApplied(.handleReplaced, .enforce, detail: .none)
    -> keep turnkeeper.s-1.secret: handle h-1
+1s client text I am ten.
    -> as it came
    * turnStarted(2, .text)
+500ms gemini says Happy birthday.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 64))
+10ms gemini audio 200ms
    * firstAudio(2, after: 510ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+1s client vanishes
    * closed(.client, .Close(code: 1006, reason: ""), by: .client)
    * parked(15s)
+1s superseded
  at 6.44s
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .client)
    -> close gemini 1000 
    -> retire turnkeeper.s-1.secret: models/gemini-3.1-flash-live-preview, handle h-1, uMy name is Ada. / mHello Ada. / +uI am ten. / +mHappy birthday. / 
    * ended(.completed)
+2s nothing
