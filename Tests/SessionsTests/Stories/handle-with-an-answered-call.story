# I8: a service resumed with a handle from before a result makes the call again; the result is known
policy recovery.rebuild=false

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
+1s client text one
    -> as it came
    * turnStarted(1, .text)
+1s gemini calls report as c-1
    * toolCalled(.ByteRange(lower: 12, upper: 70), calls: 1, after: Optional(1s))
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+10ms gemini handle h-1
    * handleReceived(resumable: true)
+100ms client answers c-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
    * turnStarted(2, .tool)
+500ms gemini audio 100ms
    * firstAudio(2, after: 500ms)
    -> as it came
+10ms gemini generation-complete
    -> as it came
+10ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+1s client text two
    -> as it came
    * turnStarted(3, .text)
+1s gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
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
    * contextLost(100ms)
    * contextRestored(1)
    -> gemini {"realtimeInput":{"text":"(You lost the thread. So far, for you to remember, not to answer: (Result of report: {\"ok\":true}))\n\ntwo"}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
+1s gemini calls report as c-9
    * recovered(.closed(.internalError), after: 1150ms)
    * callRemembered(1)
    -> gemini {"toolResponse":{"functionResponses":[{"id":"c-9","name":"f","response":{"ok":true}}]}} (text)
+1s nothing
