# I7: the user speaks while the end of an answer is late, and the connection must be left: the words are said again

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup auto gemini-3.8-live
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live"}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client voice 500ms
    -> as it came
+500ms gemini hears Hello.
    * transcribed(.client, .ByteRange(lower: 48, upper: 54))
    * turnStarted(1, .audio)
    -> as it came
+400ms gemini audio 300ms
    * firstAudio(1, after: 900ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
  at 2.26s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audio 100ms (text)
  at 2.36s
    -> gemini audio 100ms (text)
  at 2.46s
    -> gemini audio 100ms (text)
  at 2.56s
    -> gemini audio 100ms (text)
  at 2.66s
    -> gemini audio 100ms (text)
  at 2.76s
    -> gemini audio 100ms (text)
+600ms client voice 400ms
    -> as it came
+400ms client voice 400ms
    -> as it came
+300ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    -> client {"serverContent":{"turnComplete":true}} (binary)
    * madeUp(.turnComplete)
    * turnEnded(1, .answered)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"historyConfig":{"initialHistoryInClientContent":true},"sessionResumption":{},"model":"models/gemini-3.8-live"}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 240ms)
    * contextLost(300ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"Hello."}]},{"role":"model","parts":[{"text":"(I have answered this.)"}]}],"turnComplete":true}} (text)
    * contextRestored(1)
    -> gemini audio 400ms (text)
    -> gemini audio 400ms (text)
    * replayed(messages: 2, audio: 800ms, missing: 0s)
+400ms gemini hears And then?
    * transcribed(.client, .ByteRange(lower: 48, upper: 57))
    * turnStarted(2, .audio)
    -> as it came
+400ms gemini audio 300ms
    * firstAudio(2, after: 800ms)
    * recovered(.closed(.internalError), after: 1040ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+30ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
