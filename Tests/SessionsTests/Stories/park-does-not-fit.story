# FC 3.6: what gemini said meanwhile does not fit: the oldest sound goes, and the turn has its one end (I13)
policy limits.buffer=1800
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
+500ms gemini audio 100ms
    * firstAudio(1, after: 500ms)
    -> as it came
+20ms client vanishes
    * closed(.client, .Close(code: 1006, reason: ""), by: .client)
    * parked(15s)
+10ms gemini audio 4ms
+10ms gemini audio 4ms
+10ms gemini audio 4ms
    * limitReached(.buffer)
+10ms gemini generation-complete
+50ms gemini turn-complete
    * turnEnded(1, .answered)
+2s client returns manual gemini-3.1-flash-live-preview "sessionResumption":{}
    * unparked(after: 2090ms, messages: 4, missing: 4ms)
    -> client {"setupComplete":{}} (binary)
    -> client {"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"CQkJCQkJ..."}}]}}} (binary)
    -> client {"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"CQkJCQkJ..."}}]}}} (binary)
    -> client {"serverContent":{"generationComplete":true}} (binary)
    -> client {"serverContent":{"turnComplete":true}} (binary)
