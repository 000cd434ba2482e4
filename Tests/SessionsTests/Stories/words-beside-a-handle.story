# Facts point into the message as it came, whatever of it is kept from the client

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.8-live "inputAudioTranscription":{},"outputAudioTranscription":{}
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}},"inputAudioTranscription":{},"outputAudioTranscription":{}}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
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
+100ms gemini sends {"sessionResumptionUpdate":{"newHandle":"h","resumable":true},"serverContent":{"inputTranscription":{"text":"hello"}}}
    * handleReceived(resumable: true)
    * transcribed(.client, .ByteRange(lower: 109, upper: 114))
    -> client {"serverContent":{"inputTranscription":{"text":"hello"}}} (binary)
+100ms gemini sends {"sessionResumptionUpdate":{"newHandle":"h","resumable":true},"toolCall":{"functionCalls":[{"id":"c-1","name":"f","args":{}}]}}
    * handleReceived(resumable: true)
    * toolCalled(.ByteRange(lower: 73, upper: 126), calls: 1, after: Optional(200ms))
    -> client {"toolCall":{"functionCalls":[{"id":"c-1","name":"f","args":{}}]}} (binary)
