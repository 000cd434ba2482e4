# I15: a result that is told in words takes its picture along, where the family takes content

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-2.5-flash-native-audio-preview-12-2025
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-2.5-flash-native-audio-preview-12-2025", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text What is f?
    -> as it came
    * turnStarted(1, .text)
+500ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
+0ms gemini sends {"sessionResumptionUpdate":{"newHandle":"h-1","resumable":true,"lastConsumedClientMessageIndex":"2"}}
    * handleReceived(resumable: true)
+300ms client sends {"toolResponse":{"functionResponses":[{"id":"a-1","name":"f","response":{"ok":true},"parts":[{"inlineData":{"mimeType":"image/png","data":"iVBO"}}]}]}}
    * toolAnswered(.ByteRange(lower: 16, upper: 150), results: 1)
    -> as it came
+100ms gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+100ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 150ms)
    -> gemini {"toolResponse":{"functionResponses":[{"id":"a-1","name":"f","response":{"ok":true},"parts":[{"inlineData":{"mimeType":"image/png","data":"iVBO"}}]}]}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
+20ms gemini closes 1007 Request contains an invalid argument.
    * closed(.gemini, .Close(code: 1007, reason: "Request contains an invalid argument."), by: .gemini)
    * toolNoted(.refused, 1)
    * troubled(.closed(.invalid), Optional(.Close(code: 1007, reason: "Request contains an invalid argument.")))
    * retrying(attempt: 2, after: 58ms)
  at 2.388s
    * dialing(3)
    -> dial 3
+200ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+100ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.invalid), .resumed, after: 470ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"Result of f: {\"ok\":true}"},{"inlineData":{"mimeType":"image/png","data":"iVBO"}}]}],"turnComplete":true}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
+700ms gemini audio 200ms
    * firstAudio(1, after: 2070ms)
    -> client {"serverContent":{"turnComplete":true}} (binary)
    * madeUp(.turnComplete)
    * recovered(.closed(.invalid), after: 1170ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
