# One answer takes longer than the hard clock, on each connection: every attempt waits longer than the one before

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
+1s learned 4s 8s
+1s client text hello
    -> as it came
    * turnStarted(1, .text)
+500ms gemini audio 200ms
    * firstAudio(1, after: 500ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+2s client text and now?
    -> as it came
    * turnStarted(2, .text)
  at 9.03s
    * stalled(.noOutput, turn: 2)
    * nudged(turn: 2, .noOutput)
    -> gemini {"realtimeInput":{"text":" "}} (text)
  at 13.03s
    * stalled(.noOutput, turn: 2)
    * nudgeEnded(.ignored)
    * troubled(.stalled(.noOutput), nil)
    * dialing(2)
    -> dial 2
+8050ms gemini opens
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
+50ms gemini closes 1000 
    -> use 2
    * connected(2)
    -> gemini {"setup":{"historyConfig":{"initialHistoryInClientContent":true},"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .stalled(.noOutput), .rebuilt, after: 4300ms)
    * contextLost(200ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"hello"}]},{"role":"model","parts":[{"text":"(I have answered this.)"}]}],"turnComplete":true}} (text)
    * contextRestored(1)
    -> gemini {"realtimeInput":{"text":"and now?"}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
  at 20.05s
    -> ping client
+9s gemini audio 200ms
    * firstAudio(2, after: 17300ms)
    * recovered(.stalled(.noOutput), after: 13300ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
  at 33.13s
    -> ping gemini
  at 40.05s
    -> ping client
+20s nothing
