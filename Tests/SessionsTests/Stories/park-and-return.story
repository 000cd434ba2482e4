# FC 3.6: the client's network drops in the middle of an answer; it is back in time and hears the rest
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
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+500ms gemini audio 2ms
    * firstAudio(1, after: 500ms)
    -> as it came
+20ms gemini handle h-1
    * handleReceived(resumable: true)
    -> client {"sessionResumptionUpdate":{"newHandle":"turnkeeper.s-1.secret","resumable":true}} (binary)
    * ruleApplied(.handleReplaced, .enforce, detail: .none)
    -> keep turnkeeper.s-1.secret: handle h-1
+20ms client vanishes
    * closed(.client, .Close(code: 1006, reason: ""), by: .client)
    * parked(15s)
+100ms gemini audio 2ms
+100ms gemini says Good evening.
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 62))
+100ms gemini generation-complete
+50ms gemini turn-complete
    * turnEnded(1, .answered)
+50ms gemini handle h-2
    * handleReceived(resumable: true)
    * ruleApplied(.handleReplaced, .enforce, detail: .none)
    -> keep turnkeeper.s-1.secret: handle h-2
+3s client returns manual gemini-3.1-flash-live-preview "sessionResumption":{"handle":"turnkeeper.s-1.secret"}
    * unparked(after: 3400ms, messages: 5, missing: 0s)
    -> client {"setupComplete":{}} (binary)
    -> client {"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"CQkJCQkJ..."}}]}}} (binary)
    -> client {"serverContent":{"outputTranscription":{"text":"Good evening."}}} (binary)
    -> client {"serverContent":{"generationComplete":true}} (binary)
    -> client {"serverContent":{"turnComplete":true}} (binary)
    -> client {"sessionResumptionUpdate":{"newHandle":"turnkeeper.s-1.secret","resumable":true}} (binary)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(2, .audio)
+1s client closes 1000
    * closed(.client, .Close(code: 1000, reason: ""), by: .client)
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .client)
    -> close gemini 1000 
    * turnEnded(2, .interrupted)
    -> retire turnkeeper.s-1.secret: models/gemini-3.1-flash-live-preview, handle h-2, mGood evening. / 
    * ended(.completed)
