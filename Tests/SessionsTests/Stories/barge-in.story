# The user speaks into the answer

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    * connected(1)
    -> accept
+10ms client setup manual
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
+600ms client end
    -> as it came
  at 2.28s
    * ruleApplied(Policies.Rule.streamEndOnPause, Policies.Mode.enforce, detail: Sessions.Fact.Detail.none)
    -> gemini audioStreamEnd (text)
+700ms gemini audio 2s
    -> as it came
    * turnStarted(1, Sessions.TurnInput.none)
+50ms client start
    -> as it came
+50ms gemini interrupted
    -> as it came
    * turnEnded(1, Sessions.TurnOutcome.interrupted)
+10ms gemini turn-complete
    -> as it came
+20ms client audio 700ms
    -> as it came
+600ms client end
    -> as it came
  at 3.71s
    * ruleApplied(Policies.Rule.streamEndOnPause, Policies.Mode.enforce, detail: Sessions.Fact.Detail.none)
    -> gemini audioStreamEnd (text)
+700ms gemini audio 2s
    -> as it came
    * turnStarted(2, Sessions.TurnInput.none)
+50ms gemini turn-complete
    -> as it came
    * turnEnded(2, Sessions.TurnOutcome.answered)
