# I15: what came of a call waits with the rest of the story for the next question, and is told there alone
policy recovery.rebuild=false
policy recovery.attempts=1
policy models.fallback=none

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic gemini-2.5-flash-native-audio-preview-12-2025 "inputAudioTranscription":{}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .field("outputAudioTranscription"))
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","inputAudioTranscription":{}}} (text)
    * setUp(model: "models/gemini-2.5-flash-native-audio-preview-12-2025", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text Hello.
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
+10ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client text Run it.
    -> as it came
    * turnStarted(2, .text)
+500ms gemini calls f as a-1
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(500ms))
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+300ms client answers a-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
    * turnStarted(3, .tool)
+10ms client voice 300ms
    -> as it came
+100ms gemini interrupted
    -> as it came
    * turnEnded(3, .interrupted)
+20ms gemini turn-complete
    -> as it came
+100ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","inputAudioTranscription":{}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
    -> gemini audio 300ms (text)
    * replayed(messages: 1, audio: 300ms, missing: 0s)
+700ms gemini hears Well
    * transcribed(.client, .ByteRange(lower: 48, upper: 52))
    * turnStarted(4, .audio)
    -> as it came
  at 5.13s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+300ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * gaveUp(.closed(.internalError), "1 attempts to reconnect failed (recovery.attempts)")
    -> client {"serverContent":{"turnComplete":true}} (binary)
    * madeUp(.turnComplete)
    * turnEnded(4, .lost)
+1s client text And then?
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
    * troubled(.closed(.unavailable), nil)
    * dialing(3)
    -> dial 3
+40ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","inputAudioTranscription":{}}} (text)
+200ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.unavailable), .resumed, after: 240ms)
    * inputHeld(messages: 1)
    -> gemini {"realtimeInput":{"text":"(You lost the thread. So far, for you to remember, not to answer: User: Run it. (Result of f: {\"ok\":true}) You: (I have answered this.) User: Well You: (I have answered this.))\n\nAnd then?"}} (text)
    * contextRestored(3)
    * typed("And then?")
    * turnStarted(5, .text)
+500ms gemini audio 200ms
    * firstAudio(5, after: 500ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(5, .answered)
