# In automatic detection without transcription, too, a turn that nothing helps has an end, and the next answer is not taken for a late one

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
+200ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client audio 700ms
    -> as it came
  at 2.46s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
  at 6.26s
    * turnStarted(1, .audio)
    * stalled(.firstReplyNever, turn: 1)
    * nudged(turn: 1, .firstReplyNever)
    -> gemini {"realtimeInput":{"text":" "}} (text)
  at 10.26s
    * stalled(.firstReplyNever, turn: 1)
    * nudgeEnded(.ignored)
    * troubled(.stalled(.firstReplyNever), nil)
    * dialing(2)
    -> dial 2
+9s gemini opens
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
+50ms gemini closes 1000 
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.1-flash-live-preview"}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .stalled(.firstReplyNever), .resumed, after: 4450ms)
    -> gemini audio 700ms (text)
    * replayed(messages: 1, audio: 700ms, missing: 0s)
  at 11.71s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
  at 20.05s
    -> ping client
  at 27.71s
    * stalled(.firstReplyNever, turn: 1)
    * troubled(.stalled(.firstReplyNever), nil)
    * dialing(3)
    -> dial 3
+17s gemini opens
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
+50ms gemini closes 1000 
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
+200ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .stalled(.firstReplyNever), .rebuilt, after: 250ms)
    -> gemini audio 700ms (text)
    * replayed(messages: 1, audio: 700ms, missing: 0s)
  at 28.96s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
  at 40.05s
    -> ping client
  at 47.76s
    -> ping gemini
  at 52.96s
    * stalled(.firstReplyNever, turn: 1)
    * gaveUp(.stalled(.firstReplyNever), "no answer: first_reply_never on 3 connections")
    -> client {"serverContent":{"turnComplete":true}} (binary)
    * madeUp(.turnComplete)
    * turnEnded(1, .lost)
+27s client audio 700ms
    -> as it came
  at 55.96s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+1500ms gemini audio 200ms
    * turnStarted(2, .none)
    * recovered(.stalled(.firstReplyNever), after: 28750ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+300ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
  at 60.05s
    -> ping client
  at 67.76s
    -> ping gemini
+20s nothing
