# FC 4.6: the beginning of a question, sent without asking, is lost with its connection before the rest: it goes before the rest on a connection resumed with the handle, which lacks nothing else

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
+20ms gemini handle h-1
    * handleReceived(resumable: true)
+1s client sends {"clientContent":{"turns":[{"role":"user","parts":[{"text":"And a hill?"}]}],"turnComplete":false}}
    -> as it came
+100ms gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-1"},"model":"models/gemini-2.5-flash-native-audio-preview-12-2025"}} (text)
+50ms client sends {"clientContent":{"turnComplete":true}}
    * ruleApplied(.earlyInput, .enforce, detail: .messages(1))
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .resumed, after: 290ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"And a hill?"}]}],"turnComplete":false}} (text)
    * contextRestored(1)
    * inputHeld(messages: 1)
    -> gemini {"clientContent":{"turnComplete":true}} (text)
    * typed("And a hill?")
    * turnStarted(2, .text)
+700ms gemini audio 300ms
    * firstAudio(2, after: 700ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+30ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
