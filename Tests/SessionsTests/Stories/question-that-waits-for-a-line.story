# The words of a typed question that had to wait for a new connection are told apart from the message that releases it, and so are those that a bare end of the turn asks

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
+500ms gemini says The Tiber.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 59))
+5ms gemini audio 300ms
    * firstAudio(1, after: 505ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+30ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+1s gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * dialing(2)
    -> dial 2
+20ms client says And a hill?
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 260ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"Name a river."}]},{"role":"model","parts":[{"text":"The Tiber."}]},{"role":"user","parts":[{"text":"(The line was interrupted. This is the conversation so far. Do not greet again; reply only \"ok\" and wait.)"}]}],"turnComplete":true}} (text)
    * contextRestored(2)
+400ms gemini audio 100ms
    * byproductKept(.answer)
+30ms gemini turn-complete
    * byproductKept(.answer)
    * inputHeld(messages: 1)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"And a hill?"}]}],"turnComplete":true}} (text)
    * typed("And a hill?")
    * turnStarted(2, .text)
+700ms gemini says The Palatine.
    -> as it came
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 62))
+5ms gemini audio 300ms
    * firstAudio(2, after: 705ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+30ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
+1s client sends {"clientContent":{"turns":[{"parts":[{"text":"And a"}]},{"role":"user","parts":[{"text":"bridge?"}]}],"turnComplete":false}}
    -> as it came
+200ms client sends {"clientContent":{"turnComplete":true}}
    -> as it came
    * typed("And a bridge?")
    * turnStarted(3, .text)
+700ms gemini audio 300ms
    * firstAudio(3, after: 700ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+30ms gemini turn-complete
    -> as it came
    * turnEnded(3, .answered)
