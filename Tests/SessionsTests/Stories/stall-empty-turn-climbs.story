# A turn that stays empty is asked again and again, and ends once

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
+20ms gemini handle h-0
    * handleReceived(resumable: true)
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
  at 4.6s
    * nudgeEnded(.ignored)
    * troubled(.stalled(.emptyTurn), nil)
    * dialing(2)
    -> dial 2
+2001ms nothing
+20ms gemini opens
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
+20ms gemini closes 1000
    -> use 2
    * connected(2)
    -> gemini {"setup":{"sessionResumption":{"handle":"h-0"},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+100ms gemini setup-complete
    * setupCompleted(2)
    * byproductKept(.setupComplete)
    * reconnected(2, .stalled(.emptyTurn), .resumed, after: 2141ms)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 700ms, missing: 0s)
+500ms gemini turn-complete
    * ruleApplied(.emptyTurn, .enforce, detail: .none)
    * stalled(.emptyTurn, turn: 1)
    * stalled(.wedged, turn: 1)
    * troubled(.stalled(.wedged), nil)
    * dialing(3)
    -> dial 3
+20ms gemini opens
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
+20ms gemini closes 1000
    -> use 3
    * connected(3)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+100ms gemini setup-complete
    * setupCompleted(3)
    * byproductKept(.setupComplete)
    * reconnected(3, .stalled(.wedged), .rebuilt, after: 2781ms)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 700ms, missing: 0s)
+500ms gemini turn-complete
    * ruleApplied(.emptyTurn, .enforce, detail: .none)
    * stalled(.emptyTurn, turn: 1)
    * stalled(.wedged, turn: 1)
    * troubled(.stalled(.wedged), nil)
    * dialing(4)
    -> dial 4
+20ms gemini opens
    * closed(.gemini, .Close(code: 1000, reason: ""), by: .turnkeeper)
    -> close gemini 1000 
+20ms gemini closes 1000
    -> use 4
    * connected(4)
    -> gemini {"setup":{"sessionResumption":{},"model":"models/gemini-3.1-flash-live-preview","realtimeInputConfig":{"automaticActivityDetection":{"disabled":true}}}} (text)
+100ms gemini setup-complete
    * setupCompleted(4)
    * byproductKept(.setupComplete)
    * reconnected(4, .stalled(.wedged), .rebuilt, after: 3421ms)
    -> gemini activityStart (text)
    -> gemini audio 700ms (text)
    -> gemini activityEnd (text)
    * replayed(messages: 3, audio: 700ms, missing: 0s)
+500ms gemini audio 200ms
    * firstAudio(1, after: 4521ms)
    * recovered(.stalled(.wedged), after: 3921ms)
    -> as it came
+20ms gemini generation-complete
    -> as it came
+50ms gemini turn-complete
    -> as it came
    * turnEnded(1, .answered)
