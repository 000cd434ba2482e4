# I17: a model pauses in mid-answer for longer than its clock, and again where the answer is to go on: it was left once, and is given the time now
learns

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.1-flash-live-preview "inputAudioTranscription":{},"outputAudioTranscription":{}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
    learned: nudge after 4000 ms, move after 18000 ms
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
+700ms gemini says Let me
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 55))
+5ms gemini audio 200ms
    * firstAudio(1, after: 705ms)
    -> as it came
  at 10.705s
    * stalled(.outputFroze, turn: 1)
    * troubled(.stalled(.outputFroze), nil)
    * dialing(2)
    -> dial 2
+9s nothing
+50ms gemini opens
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
+20ms gemini closes 1000
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .stalled(.outputFroze), .resumed, after: 1270ms)
    * replyCut(.continue)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini {"realtimeInput":{"text":"Go on exactly after the words \"Let me\"; repeat nothing."}} (text)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 700ms, missing: 0s)
  at 20.05s
    -> ping client
+13s gemini says see: four.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 59))
+5ms gemini audio 200ms
    * outputPaused(1, for: 13005ms)
    * recovered(.stalled(.outputFroze), after: 14275ms)
    -> as it came
    learned: nudge after 4000 ms, move after 18000 ms, leave a pause after 15005 ms
+20ms gemini generation-complete
    -> as it came
+200ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(2, .audio)
+700ms gemini says It is
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 54))
+5ms gemini audio 200ms
    * firstAudio(2, after: 705ms)
    -> as it came
  at 31.775s
    -> ping gemini
  at 40.05s
    -> ping client
+13s gemini audio 200ms
    * outputPaused(2, for: 13s)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+200ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
