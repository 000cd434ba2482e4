# I13: the answer to context that comes too late to be waited for is hidden to its end, which the user's next question brings

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-2.5-flash-native-audio-preview-12-2025
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-2.5-flash-native-audio-preview-12-2025", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client says Name a river.
    -> as it came
    * turnStarted(1, .text)
+500ms gemini audio 300ms
    * firstAudio(1, after: 500ms)
    -> as it came
+5ms gemini says The Tiber.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 59))
+20ms gemini generation-complete
    -> as it came
+30ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+1s gemini closes 1011 Internal error occurred.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error occurred."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error occurred.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 240ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"Name a river."}]},{"role":"model","parts":[{"text":"The Tiber."}]},{"role":"user","parts":[{"text":"(The line was interrupted. This is the conversation so far. Do not greet again; reply only \"ok\" and wait.)"}]}],"turnComplete":true}} (text)
    * contextRestored(2)
+3s gemini audio 100ms
    * byproductKept(.answer)
+20ms gemini generation-complete
    * byproductKept(.answer)
+2s client start
    -> as it came
    * activityStarted(by: .client)
+10ms client audio 600ms
    -> as it came
+20ms gemini interrupted
    * byproductKept(.answer)
+20ms gemini turn-complete
    * byproductKept(.answer)
+600ms client end
    -> as it came
    * activityEnded(by: .client, audio: 600ms)
    * turnStarted(2, .audio)
+700ms gemini audio 300ms
    * firstAudio(2, after: 700ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+30ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
