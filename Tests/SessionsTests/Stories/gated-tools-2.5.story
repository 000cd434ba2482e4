# FC 4.5: nothing of ours goes to a 2.5 model while it waits for a tool

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    * connected(1)
    -> accept
+10ms client setup manual gemini-2.5-flash-native-audio-preview-12-2025
    * ruleApplied(Policies.Rule.resumptionInserted, Policies.Mode.enforce, detail: Sessions.Fact.Detail.none)
    -> as it came
    * setUp(model: "", vad: Sessions.Fact.VAD.automatic)
+200ms gemini setup-complete
    -> as it came
    * setupCompleted(1)
+1s client start
    -> as it came
+20ms client audio 700ms
    -> as it came
+10ms gemini calls report
    -> as it came
    * toolCalled(Basics.ByteRange(lower: 12, upper: 70))
    * turnStarted(1, Sessions.TurnInput.none)
  at 2.28s
    * ruleApplied(Policies.Rule.streamEndOnPause, Policies.Mode.enforce, detail: Sessions.Fact.Detail.none)
    -> gemini audioStreamEnd (text)
+5s client sends {"toolResponse":{"functionResponses":[{"id":"c-1","name":"report","response":{}}]}}
    -> as it came
    * toolAnswered(Basics.ByteRange(lower: 16, upper: 82))
+1s nothing
