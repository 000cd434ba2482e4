# A call that is made again ends its turn again, unseen: the answer to what the user asks next is no rest of it

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.8-live "tools":[{"functionDeclarations":[{"name":"f"}]}]
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"tools":[{"functionDeclarations":[{"name":"f"}]}]}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+100ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client text Call f.
    -> as it came
    * turnStarted(1, .text)
+900ms gemini calls f
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(900ms))
    -> as it came
+20ms gemini audio 200ms
    * firstAudio(1, after: 920ms)
    -> as it came
+10ms gemini generation-complete
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+500ms gemini closes 1011 gone
    * closed(.gemini, .Close(code: 1011, reason: "gone"), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "gone")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"tools":[{"functionDeclarations":[{"name":"f"}]}]}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 250ms)
    -> gemini {"realtimeInput":{"text":"Call f."}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
+900ms gemini calls f as c-2
    * callRemembered(1)
+20ms gemini audio 200ms
    * turnStarted(2, .none)
    -> as it came
+10ms gemini generation-complete
    * byproductKept(.emptyTurn)
+10ms gemini turn-complete
    * turnEnded(2, .answered)
    * byproductKept(.emptyTurn)
+100ms client start
    -> as it came
    * activityStarted(by: .client)
+300ms client audio 300ms
    -> as it came
+10ms client end
    * ruleApplied(.shortActivity, .observe, detail: .audio(300ms))
    -> as it came
    * activityEnded(by: .client, audio: 300ms)
    * turnStarted(3, .audio)
+500ms gemini audio 200ms
    * firstAudio(3, after: 500ms)
    -> as it came
+10ms gemini generation-complete
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)
+10s nothing
