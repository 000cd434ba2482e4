# FC 16.15: sound that closes the connection as it is heard is said again once, and the client is told when the next is refused as well

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
+1s client audio 400ms
    -> as it came
+20ms client audio 400ms
    -> as it came
+50ms gemini closes 1007 Request contains an invalid argument.
    * closed(.gemini, .Close(code: 1007, reason: "Request contains an invalid argument."), by: .gemini)
    * troubled(.closed(.invalid), Optional(.Close(code: 1007, reason: "Request contains an invalid argument.")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
+100ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.invalid), .rebuilt, after: 150ms)
    -> gemini audio 400ms (text)
    -> gemini audio 400ms (text)
    * replayed(messages: 2, audio: 800ms, missing: 0s)
+50ms gemini closes 1007 Request contains an invalid argument.
    * closed(.gemini, .Close(code: 1007, reason: "Request contains an invalid argument."), by: .gemini)
    * inputDropped(800ms)
    * gaveUp(.closed(.invalid), "gemini refuses what was said")
    * troubled(.closed(.invalid), Optional(.Close(code: 1007, reason: "Request contains an invalid argument.")))
    * dialing(3)
    -> dial 3
+50ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
+100ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.invalid), .rebuilt, after: 150ms)
+20ms client audio 400ms
    -> as it came
+50ms gemini closes 1007 Request contains an invalid argument.
    * closed(.gemini, .Close(code: 1007, reason: "Request contains an invalid argument."), by: .gemini)
    * troubled(.closed(.invalid), Optional(.Close(code: 1007, reason: "Request contains an invalid argument.")))
    * retrying(attempt: 2, after: 8ms)
  at 1.758s
    * dialing(4)
    -> dial 4
+50ms gemini opens
    -> use 4
    * connected(4)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
+100ms gemini setup-complete
    * setupCompleted(4)
    * byproductKept(.setupComplete)
    * reconnected(4, .closed(.invalid), .rebuilt, after: 150ms)
    -> gemini audio 400ms (text)
    * replayed(messages: 1, audio: 400ms, missing: 0s)
+50ms gemini closes 1007 Request contains an invalid argument.
    * closed(.gemini, .Close(code: 1007, reason: "Request contains an invalid argument."), by: .gemini)
    * inputDropped(400ms)
    * gaveUp(.closed(.invalid), "gemini refuses what was said")
    * closed(.client, .Close(code: 1007, reason: "turnkeeper: gemini refuses what was said, twice in a row (fixed) (session s-1)"), by: .turnkeeper)
    -> close client 1007 turnkeeper: gemini refuses what was said, twice in a row (fixed) (session s-1)
    * ended(.unanswered)
+1s nothing
