# FC 6.5: a model that may be silent is left alone; that it goes on so is shown, once until it is heard

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual gemini-3.8-live
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.8-live","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
    * setUp(model: "models/gemini-3.8-live", vad: .manual)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client text Hm.
    -> as it came
    * turnStarted(1, .text)
+600ms gemini turn-complete
    -> as it came
    * turnEnded(1, .silent)
+1s client text Are you there?
    -> as it came
    * turnStarted(2, .text)
+600ms gemini turn-complete
    -> as it came
    * stalled(.silentRun, turn: 2)
    * turnEnded(2, .silent)
+1s client text Hello?
    -> as it came
    * turnStarted(3, .text)
+600ms gemini turn-complete
    -> as it came
    * turnEnded(3, .silent)
+1s client text Speak to me.
    -> as it came
    * turnStarted(4, .text)
+500ms gemini audio 300ms
    * firstAudio(4, after: 500ms)
    -> as it came
+20ms gemini turn-complete
    -> as it came
    * turnEnded(4, .answered)
+1s client text Good.
    -> as it came
    * turnStarted(5, .text)
+600ms gemini turn-complete
    -> as it came
    * turnEnded(5, .silent)
+1s client text And now?
    -> as it came
    * turnStarted(6, .text)
+600ms gemini turn-complete
    -> as it came
    * stalled(.silentRun, turn: 6)
    * turnEnded(6, .silent)
