# In automatic detection a minute of silence is not replayed in front of what the user says next

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic gemini-3.8-live-extended-thinking "inputAudioTranscription":{},"outputAudioTranscription":{}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live-extended-thinking","inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
    * setUp(model: "models/gemini-3.8-live-extended-thinking", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+20ms gemini handle h-0
    * handleReceived(resumable: true)
+1s client voice 800ms
    -> as it came
+800ms client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16","data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}}
    -> as it came
  at 3.08s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audio 62ms (text)
+1s client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16","data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}}
    -> as it came
  at 4.08s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audio 62ms (text)
+1s client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16","data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}}
    -> as it came
  at 5.08s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audio 62ms (text)
+1s client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16","data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}}
    -> as it came
  at 6.08s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audio 62ms (text)
+1s gemini closes 1011
    * closed(.gemini, .Close(code: 1011, reason: ""), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "")))
    * dialing(2)
    -> dial 2
+40ms client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16","data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}}
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+1s client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16","data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}}
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+1s client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16","data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}}
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+1s client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16","data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}}
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+1s client voice 200ms
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+1s gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.8-live-extended-thinking","inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 5240ms)
    * silenceSkipped(1s)
    -> gemini audio 800ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    * replayed(messages: 4, audio: 3800ms, missing: 0s)
    * silenceSkipped(1s)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 1000ms (text)
    -> gemini audio 200ms (text)
  at 12.32s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audio 100ms (text)
  at 12.42s
    -> gemini audio 100ms (text)
  at 12.52s
    -> gemini audio 100ms (text)
  at 12.62s
    -> gemini audio 100ms (text)
  at 12.72s
    -> gemini audio 100ms (text)
  at 12.82s
    -> gemini audio 100ms (text)
  at 12.92s
    -> gemini audio 100ms (text)
  at 13.02s
    -> gemini audio 100ms (text)
  at 13.12s
    -> gemini audio 100ms (text)
  at 13.22s
    -> gemini audio 100ms (text)
  at 13.32s
    -> gemini audio 100ms (text)
+2s nothing
