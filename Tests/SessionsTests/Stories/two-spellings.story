# One field under two spellings: no rule could be kept, so the session ends
+0s client opens
+50ms gemini opens
+10ms client setup manual
+200ms gemini setup-complete
+1s client sends {"realtimeInput":{"activityStart":{}},"realtime_input":{"audio":{"data":"BwcHBw=="}}}
