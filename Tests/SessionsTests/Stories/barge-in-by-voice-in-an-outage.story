# In automatic detection too, who speaks while the connection of a cut reply is replaced has moved on from that reply

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup auto
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+100ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client audio 700ms
    -> as it came
+900ms gemini hears Tell me a story.
    * transcribed(.client, .ByteRange(lower: 48, upper: 64))
    * turnStarted(1, .audio)
    -> as it came
  at 2.36s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+300ms gemini audio 500ms
    * firstAudio(1, after: 1200ms)
    -> as it came
+20ms gemini says Once upon a time
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 65))
+600ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.1-flash-live-preview"}} (text)
+100ms client audio 200ms
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+200ms client audio 200ms
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
    -> client {"serverContent":{"interrupted":true}} (binary)
    * madeUp(.interrupted)
    -> client {"serverContent":{"turnComplete":true}} (binary)
    * madeUp(.turnComplete)
    * turnEnded(1, .interrupted)
+200ms client audio 200ms
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+1500ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 2040ms)
    * inputHeld(messages: 3)
    -> gemini audio 200ms (text)
    -> gemini audio 200ms (text)
    -> gemini audio 200ms (text)
+800ms gemini hears No, what time is it?
    * transcribed(.client, .ByteRange(lower: 48, upper: 68))
    * turnStarted(2, .audio)
    -> as it came
  at 6.22s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+300ms gemini audio 200ms
    * firstAudio(2, after: 1100ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
    * contextLost(0s)
+5s nothing
