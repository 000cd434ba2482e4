# A late result would interrupt the answer to a question that is not transcribed yet: it waits

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic gemini-3.8-live
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live"}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+10ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client audio 700ms
    -> as it came
+800ms gemini hears Run it.
    * transcribed(.client, .ByteRange(lower: 48, upper: 55))
    * turnStarted(1, .audio)
    -> as it came
  at 2.27s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audio 100ms (text)
  at 2.37s
    -> gemini audio 100ms (text)
  at 2.47s
    -> gemini audio 100ms (text)
  at 2.57s
    -> gemini audio 100ms (text)
+500ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(1300ms))
    -> as it came
  at 2.67s
    -> gemini audio 100ms (text)
  at 2.77s
    -> gemini audio 100ms (text)
  at 2.87s
    -> gemini audio 100ms (text)
+300ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.8-live"}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
    -> gemini audio 700ms (text)
    * replayed(messages: 1, audio: 700ms, missing: 0s)
+700ms gemini hears Run it.
    * byproductKept(.transcript)
+10ms gemini says I run it.
    * byproductKept(.answer)
+10ms gemini audio 200ms
    * firstAudio(1, after: 720ms)
    * recovered(.closed(.internalError), after: 960ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
  at 4.11s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audio 100ms (text)
  at 4.21s
    -> gemini audio 100ms (text)
  at 4.31s
    -> gemini audio 100ms (text)
  at 4.41s
    -> gemini audio 100ms (text)
  at 4.51s
    -> gemini audio 100ms (text)
  at 4.61s
    -> gemini audio 100ms (text)
  at 4.71s
    -> gemini audio 100ms (text)
  at 4.81s
    -> gemini audio 100ms (text)
  at 4.91s
    -> gemini audio 100ms (text)
  at 5.01s
    -> gemini audio 100ms (text)
  at 5.11s
    -> gemini audio 100ms (text)
  at 5.21s
    -> gemini audio 100ms (text)
  at 5.31s
    -> gemini audio 100ms (text)
  at 5.41s
    -> gemini audio 100ms (text)
  at 5.51s
    -> gemini audio 100ms (text)
  at 5.61s
    -> gemini audio 100ms (text)
  at 5.71s
    -> gemini audio 100ms (text)
  at 5.81s
    -> gemini audio 100ms (text)
+2s client audio 700ms
    -> as it came
+500ms client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
+300ms gemini hears And then?
    * transcribed(.client, .ByteRange(lower: 48, upper: 57))
    * turnStarted(2, .audio)
    -> as it came
  at 6.9s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audio 100ms (text)
  at 7.0s
    -> gemini audio 100ms (text)
  at 7.1s
    -> gemini audio 100ms (text)
  at 7.2s
    -> gemini audio 100ms (text)
+500ms gemini says Then this.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 59))
+10ms gemini audio 200ms
    * firstAudio(2, after: 1310ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"(For you to know, not to answer: Result of f: {\"ok\":true})"}]}],"turnComplete":false}} (text)
