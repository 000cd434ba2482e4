# In automatic detection a handle that counts a voice does not say that it was understood: the voice is said again
policy stream_end_on_pause=off

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+50ms gemini sends {"sessionResumptionUpdate":{"newHandle":"h-0","resumable":true,"lastConsumedClientMessageIndex":"1"}}
    * handleReceived(resumable: true)
+1s client audio 200ms
    -> as it came
+200ms client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}}
    -> as it came
+1s gemini sends {"sessionResumptionUpdate":{"newHandle":"h-1","resumable":true,"lastConsumedClientMessageIndex":"3"}}
    * handleReceived(resumable: true)
+500ms gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-3.1-flash-live-preview"}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 240ms)
    -> gemini audio 200ms (text)
    -> gemini audio 1ms (text)
    * replayed(messages: 2, audio: 201ms, missing: 0s)
+1s gemini audio 200ms
    * turnStarted(1, .none)
    * recovered(.closed(.internalError), after: 1240ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
