# FC 3.1: a frozen gemini is dead only after upstream.dead with a ping unanswered
policy recovery.attempts=0
policy client.ping=0s

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
+15s gemini pongs
    * pinged(.gemini, roundTrip: 20ms)
  at 20.05s
    -> ping gemini
  at 40.05s
    -> ping gemini
+25s gemini pongs
    * pinged(.gemini, roundTrip: 20ms)
  at 60.05s
    -> ping gemini
  at 80.05s
    -> ping gemini
  at 100.05s
    -> ping gemini
  at 120.05s
    * closed(.gemini, .Close(code: 1006, reason: ""), by: .turnkeeper)
    -> close gemini 1006 
    * closed(.client, .Close(code: 1011, reason: "turnkeeper: gemini has been silent for 60.0 s, pings unanswered (upstream.dead) (session s-1)"), by: .turnkeeper)
    -> close client 1011 turnkeeper: gemini has been silent for 60.0 s, pings unanswered (upstream.dead) (session s-1)
    * ended(.unanswered)
+100s nothing
