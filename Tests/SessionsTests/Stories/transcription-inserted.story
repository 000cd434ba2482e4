# The client asked for no transcripts: they are asked for here, kept from it with nothing that rides beside them, and told to a fresh session
policy transcription_inserted=enforce

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .enforce, detail: .none)
    -> gemini {"setup":{"outputAudioTranscription":{},"inputAudioTranscription":{},"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
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
+500ms gemini hears my name is Ada
    * transcribed(.client, .ByteRange(lower: 48, upper: 62))
+20ms gemini sends {"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"CQkJCQkJCQk="}}]},"outputTranscription":{"text":"hello Ada"},"ofTomorrow":1}}
    * transcribed(.gemini, .ByteRange(lower: 146, upper: 155))
    * firstAudio(1, after: 520ms)
    -> client {"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm;rate=24000","data":"CQkJCQkJCQk="}}]},"ofTomorrow":1}} (binary)
+20ms gemini sends {"serverContent":{"outputTranscription":{"text":", how are you?"},"generationComplete":true}}
    * transcribed(.gemini, .ByteRange(lower: 49, upper: 63))
    -> client {"serverContent":{"generationComplete":true}} (binary)
+50ms gemini sends {"serverContent":{"turnComplete":true,"interimInputTranscription":{"text":"my"}},"usageMetadata":{"promptTokenCount":9,"responseTokenCount":4}}
    * used(.ByteRange(lower: 97, upper: 142))
    -> client {"serverContent":{"turnComplete":true},"usageMetadata":{"promptTokenCount":9,"responseTokenCount":4}} (binary)
    * turnEnded(1, .answered)
+1s client start
    -> as it came
    * activityStarted(by: .client)
+20ms client audio 500ms
    -> as it came
+500ms client end
    * ruleApplied(.shortActivity, .observe, detail: .audio(500ms))
    -> as it came
    * activityEnded(by: .client, audio: 500ms)
    * turnStarted(2, .audio)
+100ms gemini closes 1011 Internal error encountered.
    * closed(.gemini, .Close(code: 1011, reason: "Internal error encountered."), by: .gemini)
    * troubled(.closed(.internalError), Optional(.Close(code: 1011, reason: "Internal error encountered.")))
    * dialing(2)
    -> dial 2
+40ms gemini opens
    -> use 2
    * connected(2)
    -> gemini {"setup":{"historyConfig":{"initialHistoryInClientContent":true},"outputAudioTranscription":{},"inputAudioTranscription":{},"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+200ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .closed(.internalError), .rebuilt, after: 240ms)
    -> gemini {"clientContent":{"turns":[{"role":"user","parts":[{"text":"my name is Ada"}]},{"role":"model","parts":[{"text":"hello Ada, how are you?"}]}],"turnComplete":true}} (text)
    * contextRestored(2)
    -> gemini activityStart (text)
    -> gemini audio 500ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 500ms, missing: 0s)
+700ms gemini audio 200ms
    * firstAudio(2, after: 1040ms)
    * recovered(.closed(.internalError), after: 940ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
