# In automatic detection the transcript may come with the answer: how long the model took counts from the user's last sound, with a nudge and without

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic gemini-2.5-flash-native-audio-preview-12-2025 "inputAudioTranscription":{},"outputAudioTranscription":{}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
    * setUp(model: "models/gemini-2.5-flash-native-audio-preview-12-2025", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client audio 700ms
    -> as it came
  at 2.26s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
  at 6.06s
    * turnStarted(1, .audio)
    * stalled(.firstReplyNever, turn: 1)
    * nudged(turn: 1, .firstReplyNever)
    -> gemini {"clientContent":{"turnComplete":true}} (text)
  at 10.06s
    * stalled(.firstReplyNever, turn: 1)
    * nudgeEnded(.ignored)
    * troubled(.stalled(.firstReplyNever), nil)
    * dialing(2)
    -> dial 2
+9s gemini hears What is the weather?
    * transcribed(.client, .ByteRange(lower: 48, upper: 68))
    -> as it came
+10ms gemini audio 200ms
    * firstAudio(1, after: 9010ms)
    * recovered(.stalled(.firstReplyNever), after: 4210ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+500ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+1s client audio 700ms
    -> as it came
  at 12.79s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+3s gemini hears And in Paris?
    * transcribed(.client, .ByteRange(lower: 48, upper: 61))
    * turnStarted(2, .audio)
    -> as it came
+10ms gemini audio 200ms
    * firstAudio(2, after: 3010ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+500ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
  at 20.05s
    -> ping gemini
    -> ping client
+5s nothing
