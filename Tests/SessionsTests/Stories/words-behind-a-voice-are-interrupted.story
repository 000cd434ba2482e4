# FC 6.2: a reply to a voice leaves the words typed behind it unanswered; who speaks then interrupts those

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup automatic
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview"}} (text)
    * setUp(model: "models/gemini-3.1-flash-live-preview", vad: .automatic)
+200ms gemini setup-complete
    * setupCompleted(1)
    -> as it came
+1s client voice 300ms
    -> as it came
+300ms client stream-end
    -> as it came
+700ms client text Name a river.
    -> as it came
    * turnStarted(1, .text)
+300ms gemini audio 300ms
    * firstAudio(1, after: 300ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+30ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+500ms client voice 300ms
    -> as it came
+400ms gemini interrupted
    -> as it came
+300ms gemini turn-complete
    -> as it came
  at 4.11s
    * ruleApplied(.streamEndOnPause, .enforce, detail: .none)
    -> gemini audioStreamEnd (text)
+300ms client noise 600ms
    -> as it came
+900ms gemini audio 300ms
    * turnStarted(2, .none)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+30ms gemini turn-complete
    -> as it came
    * turnEnded(2, .answered)
