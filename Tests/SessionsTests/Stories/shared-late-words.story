# several nodes: words that are written down after the end of their turn are kept, too
handle turnkeeper.s-1.secret
shared

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview "sessionResumption":{},"inputAudioTranscription":{}
    -> offer turnkeeper.s-1.secret, parks
    * ruleApplied(.transcriptionInserted, .observe, detail: .field("outputAudioTranscription"))
    -> as it came
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client start
    -> as it came
    * activityStarted(by: .client)
+100ms client voice 800ms
    -> as it came
+900ms client end
    -> as it came
    * activityEnded(by: .client, audio: 800ms)
    * turnStarted(1, .audio)
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
    -> keep turnkeeper.s-1.secret: handle h-1, mHello, Ada. / 
+300ms gemini hears My name
    -> keep turnkeeper.s-1.secret: handle h-1, uMy name / mHello, Ada. / 
    * transcribed(.client, .ByteRange(lower: 48, upper: 55))
    -> as it came
+20ms gemini hears  is Ada.
    -> keep turnkeeper.s-1.secret: handle h-1, uMy name is Ada. / mHello, Ada. / 
    * transcribed(.client, .ByteRange(lower: 48, upper: 56))
    -> as it came
+1s nothing
