# FC 16.13: a client that is told which of its messages gemini has taken in is told its own count
handle tk-1

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client sends {"setup":{"model":"projects/p/locations/l/publishers/google/models/gemini-live-2.5-flash-native-audio","sessionResumption":{"transparent":true},"realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{},"outputAudioTranscription":{}}}
    -> offer tk-1, parks
    -> as it came
    * setUp(model: "projects/p/locations/l/publishers/google/models/gemini-live-2.5-flash-native-audio", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+10ms gemini sends {"sessionResumptionUpdate":{"newHandle":"h-0","resumable":true,"lastConsumedClientMessageIndex":"2"}}
    * handleReceived(resumable: true)
    -> client {"sessionResumptionUpdate":{"newHandle":"tk-1","resumable":true,"lastConsumedClientMessageIndex":"2"}} (binary)
    * ruleApplied(.handleReplaced, .enforce, detail: .none)
    -> keep tk-1: handle h-0
+690ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+20ms client audio 20ms
    * ruleApplied(.audioOutsideActivity, .enforce, detail: .audio(20ms))
+500ms gemini audio 200ms
    * firstAudio(1, after: 520ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+10ms client audio 700ms
    -> as it came
+10ms gemini sends {"sessionResumptionUpdate":{"newHandle":"h-1","resumable":true,"lastConsumedClientMessageIndex":"4"}}
    * handleReceived(resumable: true)
    -> client {"sessionResumptionUpdate":{"newHandle":"tk-1","resumable":true,"lastConsumedClientMessageIndex":"5"}} (binary)
    * ruleApplied(.handleReplaced, .enforce, detail: .none)
    -> keep tk-1: handle h-1
+690ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(2, .audio)
+10ms gemini sends {"sessionResumptionUpdate":{"newHandle":"h-2","resumable":true,"lastConsumedClientMessageIndex":"6"}}
    * handleReceived(resumable: true)
    -> client {"sessionResumptionUpdate":{"newHandle":"tk-1","resumable":true,"lastConsumedClientMessageIndex":"7"}} (binary)
    * ruleApplied(.handleReplaced, .enforce, detail: .none)
    -> keep tk-1: handle h-2
+100ms gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"model":"projects/p/locations/l/publishers/google/models/gemini-live-2.5-flash-native-audio","sessionResumption":{"handle":"h-2","transparent":true},"realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 700ms, missing: 0s)
+10ms gemini sends {"sessionResumptionUpdate":{"newHandle":"h-3","resumable":true,"lastConsumedClientMessageIndex":"1"}}
    * handleReceived(resumable: true)
    -> client {"sessionResumptionUpdate":{"newHandle":"tk-1","resumable":true,"lastConsumedClientMessageIndex":"7"}} (binary)
    * ruleApplied(.handleReplaced, .enforce, detail: .none)
    -> keep tk-1: handle h-3
