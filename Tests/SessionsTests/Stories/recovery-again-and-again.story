# Automatic VAD, 1011 after each question: each climb begins anew, because the model spoke in between

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
+20ms gemini handle h-0
    * handleReceived(resumable: true)
+1s client audio 500ms
    -> as it came
  at 2.28s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+1s gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * dialing(2)
    -> dial 2
+100ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.1-flash-live-preview"}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 300ms)
    -> gemini audio 500ms (text)
    * replayed(messages: 1, audio: 500ms, missing: 0s)
+500ms gemini hears question 1
    * transcribed(.client, .ByteRange(lower: 48, upper: 58))
    * turnStarted(1, .audio)
    -> as it came
  at 3.58s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+500ms gemini audio 200ms
    * firstAudio(1, after: 1s)
    * recovered(.closed(.internalError), after: 1300ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+20ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client audio 500ms
    -> as it came
  at 5.67s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+1s gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * dialing(3)
    -> dial 3
+100ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.1-flash-live-preview"}} (text)
+200ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.internalError), .resumed, after: 300ms)
    -> gemini audio 500ms (text)
    * replayed(messages: 1, audio: 500ms, missing: 0s)
+500ms gemini hears question 2
    * transcribed(.client, .ByteRange(lower: 48, upper: 58))
    * turnStarted(2, .audio)
    -> as it came
  at 6.97s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+500ms gemini audio 200ms
    * firstAudio(2, after: 1s)
    * recovered(.closed(.internalError), after: 1300ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+20ms gemini handle h-2
    * handleReceived(resumable: true)
+1s client audio 500ms
    -> as it came
  at 9.06s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+1s gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * dialing(4)
    -> dial 4
+100ms gemini opens
    -> use 4
    * connected(4)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-2"},"model":"models/gemini-3.1-flash-live-preview"}} (text)
+200ms gemini setup-complete
    * setupCompleted(4)
    * byproductKept(.setupComplete)
    * reconnected(4, .closed(.internalError), .resumed, after: 300ms)
    -> gemini audio 500ms (text)
    * replayed(messages: 1, audio: 500ms, missing: 0s)
+500ms gemini hears question 3
    * transcribed(.client, .ByteRange(lower: 48, upper: 58))
    * turnStarted(3, .audio)
    -> as it came
  at 10.36s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+500ms gemini audio 200ms
    * firstAudio(3, after: 1s)
    * recovered(.closed(.internalError), after: 1300ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)
+20ms gemini handle h-3
    * handleReceived(resumable: true)
