# A model that may be silent says so by an end: where it says nothing at all to a question, the turn is lost and gets its end

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.8-live
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+0s gemini handle h-1
    * handleReceived(resumable: true)
+1s client says Are you there?
    -> as it came
    * turnStarted(1, .text)
  at 5.26s
    * stalled(.firstReplyNever, turn: 1)
    * nudged(turn: 1, .firstReplyNever)
    -> gemini {"realtimeInput":{"text":" "}} (text)
  at 9.26s
    * stalled(.firstReplyNever, turn: 1)
    * nudgeEnded(.ignored)
    * troubled(.stalled(.firstReplyNever), nil)
    * dialing(2)
    -> dial 2
+8s nothing
+40ms gemini opens
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
+40ms gemini closes 1000
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .stalled(.firstReplyNever), .resumed, after: 4280ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"Are you there?"}]}],"turnComplete":true}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
  at 20.05s
    -> ping client
  at 25.54s
    * stalled(.firstReplyNever, turn: 1)
    * troubled(.stalled(.firstReplyNever), nil)
    * dialing(3)
    -> dial 3
+17s nothing
+40ms gemini opens
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
+40ms gemini closes 1000
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .stalled(.firstReplyNever), .rebuilt, after: 1280ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"Are you there?"}]}],"turnComplete":true}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
  at 40.05s
    -> ping client
  at 46.62s
    -> ping gemini
  at 50.82s
    * stalled(.firstReplyNever, turn: 1)
    * gaveUp(.stalled(.firstReplyNever), "no answer: first_reply_never on 3 connections")
    -> client {"serverContent":{"turnComplete":true}} (binary)
    * madeUp(.turnComplete)
    * turnEnded(1, .lost)
+25s nothing
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(2, .audio)
+600ms gemini turn-complete
    -> as it came
    * turnEnded(2, .silent)
