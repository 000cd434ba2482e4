# A transcript that comes after the call it led to is no new question, also where the call ended the turn

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic gemini-2.5-flash-native-audio-preview-12-2025 "inputAudioTranscription":{},"outputAudioTranscription":{},"tools":[{"functionDeclarations":[{"name":"f"}]}]
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","inputAudioTranscription":{},"outputAudioTranscription":{},"tools":[{"functionDeclarations":[{"name":"f"}]}]}} (text)
    * setUp(model: "models/gemini-2.5-flash-native-audio-preview-12-2025", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client audio 700ms
    -> as it came
  at 2.26s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+1500ms gemini calls f
    * turnStarted(1, .audio)
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(1500ms))
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+100ms gemini hears What is the weather?
    * transcribed(.client, .ByteRange(lower: 48, upper: 68))
    -> as it came
+500ms client answers c-1
    * toolAnswered(.ByteRange(lower: 16, upper: 86), results: 1)
    -> as it came
    * turnStarted(2, .tool)
+700ms gemini audio 200ms
    * firstAudio(2, after: 700ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+2s client audio 700ms
    -> as it came
  at 7.15s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+1500ms gemini calls f as c-2
    * turnStarted(3, .audio)
    * toolCalled(.ByteRange(lower: 12, upper: 65), calls: 1, after: Optional(1500ms))
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)
+1s client audio 400ms
    * ruleApplied(.toolGate, .enforce, detail: .messages(1))
+1s gemini sends {"toolCallCancellation":{"ids":["c-2"]}}
    * toolCancelled(.ByteRange(lower: 24, upper: 39), calls: 1)
    -> as it came
    -> gemini audio 400ms (text)
+100ms gemini hears Never mind.
    * transcribed(.client, .ByteRange(lower: 48, upper: 59))
    * turnStarted(4, .audio)
    -> as it came
+700ms gemini audio 200ms
    * firstAudio(4, after: 800ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(4, .answered)
  at 10.67s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
  at 20.05s
    -> ping gemini
    -> ping client
+20s nothing
