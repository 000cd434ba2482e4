# FC 16.1, I8: a call that is made again in pieces is known when it is whole, and none of it is shown

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
+20ms gemini handle h-0
    * handleReceived(resumable: true)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+300ms gemini sends {"toolCall":{"functionCalls":[{"id":"a-1","name":"f","partialArgs":[{"jsonPath":"$.of","stringValue":"o"}],"willContinue":true}]}}
    * toolCalled(.ByteRange(lower: 12, upper: 129), calls: 0, after: Optional(300ms))
    -> as it came
+20ms gemini sends {"toolCall":{"functionCalls":[{"id":"a-1","name":"f","args":{"of":"one"}}]}}
    * toolCalled(.ByteRange(lower: 12, upper: 75), calls: 1, after: nil)
    -> as it came
+300ms client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
+100ms gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 700ms, missing: 0s)
+500ms gemini sends {"toolCall":{"functionCalls":[{"id":"b-1","name":"f","partialArgs":[{"jsonPath":"$.of","stringValue":"o"}],"willContinue":true}]}}
    * byproductKept(.call)
+20ms gemini sends {"toolCall":{"functionCalls":[{"id":"b-1","name":"f","args":{"of":"one"}}]}}
    * recovered(.closed(.internalError), after: 760ms)
    * callRemembered(1)
    -> gemini {"toolResponse":{"functionResponses":[{"id":"b-1","name":"f","response":{"ok":true}}]}} (text)
+700ms gemini audio 200ms
    * firstAudio(1, after: 2180ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
