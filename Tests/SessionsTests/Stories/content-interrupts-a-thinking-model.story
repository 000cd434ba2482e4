# Content interrupts a model that nobody may interrupt while it thinks on: what it has said is not asked for again

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client sends {"setup":{"model":"models/gemini-3.8-live-extended-thinking","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true},"activityHandling":"NO_INTERRUPTION"}}}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live-extended-thinking","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true},"activityHandling":"NO_INTERRUPTION"}}} (text)
    * setUp(model: "models/gemini-3.8-live-extended-thinking", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client start
    -> as it came
    * activityStarted(by: .client)
+700ms client audio 700ms
    -> as it came
+20ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+700ms gemini audio 200ms
    * firstAudio(1, after: 700ms)
    -> as it came
+20ms gemini sends {"serverContent":{"turnComplete":true,"interactionStatus":"IN_PROGRESS"}}
    -> as it came
+500ms gemini audio 200ms
    -> as it came
+500ms client sends {"clientContent":{"turns":[{"role":"user","parts":[{"text":"And now?"}]}],"turnComplete":true}}
    -> as it came
    * turnEnded(1, .interrupted)
    * turnStarted(2, .text)
+200ms gemini sends {"serverContent":{"interrupted":true}}
    -> as it came
+20ms gemini sends {"serverContent":{"turnComplete":true,"interactionStatus":"IDLE"}}
    -> as it came
+100ms gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * dialing(2)
    -> dial 2
+100ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live-extended-thinking","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true},"activityHandling":"NO_INTERRUPTION"}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 300ms)
    * contextLost(1100ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"And now?"}]}],"turnComplete":true}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
+1s gemini audio 200ms
    * firstAudio(2, after: 1620ms)
    * recovered(.closed(.internalError), after: 1300ms)
    -> as it came
+20ms gemini sends {"serverContent":{"turnComplete":true,"interactionStatus":"IDLE"}}
    -> as it came
    * turnEnded(2, .answered)
+1s nothing
