# A turn that nothing helps: each connection is given more time, then it is lost

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+200ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client text hello
    -> as it came
    * turnStarted(1, .text)
  at 5.46s
    * stalled(.firstReplyNever, turn: 1)
    * nudged(turn: 1, .firstReplyNever)
    -> gemini {"realtimeInput":{"text":" "}} (text)
  at 9.46s
    * stalled(.firstReplyNever, turn: 1)
    * nudgeEnded(.ignored)
    * troubled(.stalled(.firstReplyNever), nil)
    * dialing(2)
    -> dial 2
+8050ms gemini opens
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
+50ms gemini closes 1000 
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .stalled(.firstReplyNever), .resumed, after: 4300ms)
    -> gemini {"realtimeInput":{"text":"hello"}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
  at 20.05s
    -> ping client
  at 25.76s
    * stalled(.firstReplyNever, turn: 1)
    * troubled(.stalled(.firstReplyNever), nil)
    * dialing(3)
    -> dial 3
+16050ms gemini opens
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
+50ms gemini closes 1000 
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .stalled(.firstReplyNever), .rebuilt, after: 300ms)
    -> gemini {"realtimeInput":{"text":"hello"}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
  at 40.05s
    -> ping client
  at 45.86s
    -> ping gemini
  at 50.06s
    * stalled(.firstReplyNever, turn: 1)
    * gaveUp(.stalled(.firstReplyNever), "no answer: first_reply_never on 3 connections")
    -> client {"serverContent":{"turnComplete":true}} (binary)
    * madeUp(.turnComplete)
    * turnEnded(1, .lost)
+30s nothing
