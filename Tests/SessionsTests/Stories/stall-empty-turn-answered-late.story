# An empty turn goes on with another connection after two seconds; an answer that comes before it is there is the answer

+0s client opens
    * dialing(1)
    -> dial 1
+50ms gemini opens
    -> use 1
    * connected(1)
    -> accept
+10ms client setup manual
    * ruleApplied(.resumptionInserted, .enforce, detail: .none)
    * ruleApplied(.transcriptionInserted, .observe, detail: .none)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
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
+600ms gemini turn-complete
    * ruleApplied(.emptyTurn, .enforce, detail: .none)
    * stalled(.emptyTurn, turn: 1)
    * nudged(turn: 1, .emptyTurn)
    -> gemini {"realtimeInput":{"text":" "}} (text)
  at 4.58s
    * nudgeEnded(.ignored)
    * troubled(.stalled(.emptyTurn), nil)
    * dialing(2)
    -> dial 2
+2001ms nothing
+100ms gemini audio 200ms
    * byproductKept(.emptyTurn)
    * firstAudio(1, after: 2701ms)
    * recovered(.stalled(.emptyTurn), after: 2101ms)
    -> as it came
+20ms gemini opens
    -> drop 2
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
+20ms gemini handle h-1
    * handleReceived(resumable: true)
