# FC 2.1: a phantom interruption is kept from the client; the mute turn after it is taken to an older handle

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(1, .audio)
+700ms gemini audio 200ms
    * firstAudio(1, after: 700ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+20ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(2, .audio)
+700ms gemini audio 200ms
    * firstAudio(2, after: 700ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+20ms gemini handle h-2
    * handleReceived(resumable: true)
+10ms gemini interrupted
    * ruleApplied(.phantomInterrupted, .enforce, detail: .none)
    -> as it came
+20ms gemini handle h-3
    * handleReceived(resumable: true)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 700ms
    -> as it came
+700ms client end
    -> as it came
    * activityEnded(by: .client, audio: 700ms)
    * turnStarted(3, .audio)
+800ms gemini turn-complete
    * ruleApplied(.emptyTurn, .enforce, detail: .none)
    * stalled(.emptyTurn, turn: 3)
    * stalled(.wedged, turn: 3)
    * troubled(.stalled(.wedged), nil)
    * dialing(2)
    -> dial 2
+40ms gemini opens
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
+20ms gemini closes 1000
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-2"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .stalled(.wedged), .resumed, after: 260ms)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 700ms, missing: 0s)
+700ms gemini audio 200ms
    * firstAudio(3, after: 1760ms)
    * recovered(.stalled(.wedged), after: 960ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)
+20ms gemini handle h-4
    * handleReceived(resumable: true)
