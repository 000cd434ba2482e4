# I7, I15: a voice that begins just before the answer it interrupts is said again from its beginning

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+10ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client voice 500ms
    -> as it came
+500ms client audio 900ms
    -> as it came
  at 2.77s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+1s gemini hears My name is Ada.
    * transcribed(.client, .ByteRange(lower: 48, upper: 63))
    * turnStarted(1, .audio)
    -> as it came
+100ms client voice 200ms
    -> as it came
+100ms gemini audio 100ms
    * firstAudio(1, after: 1200ms)
    -> as it came
+100ms client voice 300ms
    -> as it came
+300ms client audio 900ms
    -> as it came
+100ms gemini interrupted
    -> as it came
    * turnEnded(1, .interrupted)
+10ms gemini turn-complete
    -> as it came
+100ms gemini hears Wait.
    * transcribed(.client, .ByteRange(lower: 48, upper: 53))
    * turnStarted(2, .audio)
    -> as it came
+100ms gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"historyConfig":{"initialHistoryInClientContent":true},"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
+100ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 150ms)
    * contextLost(100ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"My name is Ada."}]},{"role":"model","parts":[{"text":"(I have answered this.)"}]}],"turnComplete":true}} (text)
    * contextRestored(1)
    -> gemini audio 200ms (text)
    -> gemini audio 300ms (text)
    -> gemini audio 900ms (text)
    * replayed(messages: 3, audio: 1400ms, missing: 0s)
  at 4.83s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
  at 8.83s
    * stalled(.transcribedOnly, turn: 2)
    * nudged(turn: 2, .transcribedOnly)
    -> gemini {"realtimeInput":{"text":" "}} (text)
+5s nothing
