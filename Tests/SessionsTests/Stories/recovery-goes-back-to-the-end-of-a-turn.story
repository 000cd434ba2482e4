# Of older handles one from the end of a turn is taken: a memory in which a question is open answers it again

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic gemini-2.5-flash-native-audio-preview-12-2025
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025"}} (text)
    * setUp(model: "models/gemini-2.5-flash-native-audio-preview-12-2025", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text one
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
+2s client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"/38AgP9/AID/fwCA/38AgP9/AID/fwCA/38AgP9/AID/fwCA/38AgP9/AIA="}}}
    -> as it came
+100ms gemini handle h-open
    * handleReceived(resumable: true)
+500ms gemini audio 200ms
    * turnStarted(2, .none)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+10ms gemini handle h-2
    * handleReceived(resumable: true)
  at 4.84s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+2s client text three
    -> as it came
    * turnStarted(3, .text)
+100ms gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-2"},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025"}} (text)
+100ms gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * retrying(attempt: 2, after: 88ms)
  at 6.848s
    * dialing(3)
    -> dial 3
+300ms gemini opens
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-2"},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025"}} (text)
+100ms gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * retrying(attempt: 3, after: 197ms)
  at 7.357s
    * dialing(4)
    -> dial 4
+800ms gemini opens
    -> use 4
    * connected(4)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025"}} (text)
+100ms gemini setup-complete
    * setupCompleted(4)
    * byproductKept(.setupComplete)
    * reconnected(4, .closed(.internalError), .resumed, after: 1440ms)
    * contextLost(201ms)
    -> gemini {"realtimeInput":{"text":"three"}} (text)
    * replayed(messages: 1, audio: 0s, missing: 0s)
