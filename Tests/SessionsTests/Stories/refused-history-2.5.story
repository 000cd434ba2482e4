# FC 16.15: a history in mid-session on which gemini closed is not told again, and the model still gets what it takes

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-2.5-flash-native-audio-preview-12-2025 "outputAudioTranscription":{}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .field("inputAudioTranscription"))
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"outputAudioTranscription":{}}} (text)
    * setUp(model: "models/gemini-2.5-flash-native-audio-preview-12-2025", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text hello
    -> as it came
    * turnStarted(1, .text)
+500ms gemini says Hello you.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 59))
+10ms gemini audio 200ms
    * firstAudio(1, after: 510ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+10ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client sends {"clientContent":{"turns":[{"role":"user","parts":[{"text":"I like tea."}]}],"turnComplete":false}}
    -> as it came
+50ms gemini closes 1007 Request contains an invalid argument.
    * closed(.gemini, .Close(code: 1007, reason: "Request contains an invalid argument."), by: .gemini)
    * contextLost(0s)
    * troubled(.closed(.invalid), Optional(.Close(code: 1007, reason: "Request contains an invalid argument.")))
    * dialing(2)
    -> dial 2
+50ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"outputAudioTranscription":{}}} (text)
+100ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.invalid), .resumed, after: 150ms)
+1s gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * dialing(3)
    -> dial 3
+50ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"outputAudioTranscription":{}}} (text)
+100ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .closed(.internalError), .resumed, after: 150ms)
+1s client text and now?
    -> as it came
    * turnStarted(2, .text)
+500ms gemini audio 200ms
    * firstAudio(2, after: 500ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
