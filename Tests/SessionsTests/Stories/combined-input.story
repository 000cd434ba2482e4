# Boundaries and audio in one message have no order: each becomes a message

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
+1s client sends {"realtimeInput":{"activityEnd":{},"audio":{"mimeType":"audio/pcm;rate=16000","data":"BwcHBw=="},"activityStart":{}}}
    -> as it came
  at 2.26s
    * ruleApplied(Policies.Rule.streamEndOnPause, Policies.Mode.enforce, detail: Sessions.Fact.Detail.none)
    -> gemini audioStreamEnd (text)
+1s client sends {"realtime_input":{"activity_start":{},"audio":{"mime_type":"audio/pcm;rate=16000","data":"BwcHBw=="}}}
    -> as it came
  at 3.26s
    * ruleApplied(Policies.Rule.streamEndOnPause, Policies.Mode.enforce, detail: Sessions.Fact.Detail.none)
    -> gemini audioStreamEnd (text)
+1s client sends {"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"BwcHBw=="},"activityEnd":{}}}
    -> as it came
